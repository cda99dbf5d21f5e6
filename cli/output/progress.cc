#include "cli/output/progress.h"

#include <unistd.h>

#include "base/clock.h"
#include "cli/output/human.h"
#include "cli/output/print.h"

namespace onggi::cli {

ProgressLine::ProgressLine()
    : terminal_(isatty(STDERR_FILENO) == 1), started_ns_(MonotonicNanos()) {}

ProgressLine::~ProgressLine() {
  if (shown_) PrintError("\r\033[K");
}

void ProgressLine::Show(const State& state) {
  if (!terminal_) return;
  std::string line = "\r\033[K" + state.stage;
  if (state.layers_total > 0) {
    line += " " + std::to_string(state.layers_done) + "/" + std::to_string(state.layers_total) +
            " layers";
  }
  if (state.bytes_total > 0) {
    line += " " + HumanSize(state.bytes_done) + " of " + HumanSize(state.bytes_total);
    int64_t elapsed_ms = (MonotonicNanos() - started_ns_) / 1'000'000;
    if (elapsed_ms > 500) {
      line += ", " + HumanSize(state.bytes_done * 1000 / static_cast<uint64_t>(elapsed_ms)) + "/s";
    }
  }
  PrintError(line);
  shown_ = true;
}

}  // namespace onggi::cli
