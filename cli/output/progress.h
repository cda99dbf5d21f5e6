// ProgressLine: one line that is rewritten in place while something goes on. Silent unless stderr
// is a terminal.
//
// Thread-safety: none.
#pragma once

#include <cstdint>
#include <string>

namespace onggi::cli {

class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // clears the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  struct State {
    std::string stage;
    uint64_t bytes_done = 0;
    uint64_t bytes_total = 0;
    int layers_done = 0;
    int layers_total = 0;
  };
  void Show(const State& state);

 private:
  bool terminal_;
  bool shown_ = false;
  int64_t started_ns_;
};

}  // namespace onggi::cli
