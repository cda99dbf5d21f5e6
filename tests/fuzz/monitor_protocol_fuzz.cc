// What a monitor and a daemon read from each other: every decoder must take any bytes, and what it
// has taken must survive being written and read again.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "runtime/client/monitor_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace onggi;
  auto message = DecodeMonitorMessage({reinterpret_cast<const char*>(data), size});
  if (!message) return 0;
  (void)AnswerStatus(*message);
  (void)CheckVersion(message->body);
  if (auto setup = DecodeSetup(message->body)) {
    auto again = DecodeSetup(EncodeSetup(*setup));
    CHECK(again && EncodeSetup(*again) == EncodeSetup(*setup));
  }
  if (auto create = DecodeCreate(*message)) {
    auto again = DecodeCreate(EncodeCreate(*create));
    CHECK(again && again->id == create->id && again->max_log_line == create->max_log_line);
  }
  if (auto exec = DecodeExec(*message)) {
    auto again = DecodeExec(EncodeExec(*exec));
    CHECK(again && again->exec_id == exec->exec_id && again->wait == exec->wait);
  }
  if (auto exit = DecodeExit(message->body)) {
    auto again = DecodeExit(EncodeExit(*exit));
    CHECK(again && again->exit_code == exit->exit_code);
  }
  if (auto identity = DecodeIdentity(message->body)) {
    auto again = DecodeIdentity(EncodeIdentity(*identity));
    CHECK(again && EncodeIdentity(*again) == EncodeIdentity(*identity));
  }
  return 0;
}
