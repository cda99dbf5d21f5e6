// Any text as a digest and as the name of a layer's entry: what is accepted is safe as a path.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "image/digest.h"
#include "image/layer/whiteout.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (onggi::Result<onggi::Digest> digest = onggi::Digest::Parse(text)) {
    if (digest->text() != text || digest->hex().size() != 64) abort();
    if (digest->hex().find_first_not_of("0123456789abcdef") != std::string_view::npos) abort();
  }
  onggi::Result<onggi::EntryName> name = onggi::ClassifyEntryName(text);
  if (name && name->kind == onggi::EntryName::Kind::kWhiteout) {
    if (!onggi::CheckLayerPath(name->path)) abort();
    if (name->path.ends_with('/')) abort();
  }
  return 0;
}
