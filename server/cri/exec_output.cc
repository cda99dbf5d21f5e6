#include <algorithm>

#include "server/cri/exec_output.h"

namespace onggi {

Result<std::optional<std::chrono::milliseconds>> TimeoutOf(int64_t seconds) {
  constexpr int64_t kMaxSeconds = 1'000'000'000;
  if (seconds < 0) {
    return InvalidArgument("timeout: expected seconds, or 0 for none, found " +
                           std::to_string(seconds));
  }
  if (seconds == 0) return std::optional<std::chrono::milliseconds>();
  return std::optional<std::chrono::milliseconds>(
      std::chrono::seconds(std::min(seconds, kMaxSeconds)));
}

void CutToMessage(ExecOutput& output) {
  if (output.out.size() + output.err.size() <= kMaxExecOutput) return;
  constexpr size_t kHalf = kMaxExecOutput / 2;
  size_t out =
      std::min(output.out.size(),
               std::max(kHalf, kMaxExecOutput - std::min(kMaxExecOutput, output.err.size())));
  output.out.resize(out);
  output.err.resize(std::min(output.err.size(), kMaxExecOutput - out));
}

}  // namespace onggi
