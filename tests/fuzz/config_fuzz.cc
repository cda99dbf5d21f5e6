// Configuration text: any bytes give a Config or an error, and a Config that was read prints to
// text that reads back the same.
#include <cstdint>
#include <cstdlib>

#include "config/load.h"
#include "config/print.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  onggi::Config config;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!onggi::ApplyConfigText(text, "fuzz", config)) return 0;
  onggi::Config again;
  if (!onggi::ApplyConfigText(onggi::PrintConfig(config), "printed", again)) abort();
  if (!(config == again)) abort();
  return 0;
}
