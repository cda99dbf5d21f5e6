// OutputCollector: collects what a command writes to two pipes until a third one tells its end.
//
// Thread-safety: one thread. Blocks as long as the command runs. Memory: the limit, twice.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class OutputCollector {
 public:
  explicit OutputCollector(size_t limit) : limit_(limit) {}

  struct Pipes {
    UniqueFd out;
    UniqueFd err;
    UniqueFd answer;
  };
  // The bytes of ANSWER, when its writer has closed it; by then everything that the command itself
  // has written was taken. What comes later, from others, is not waited for. DeadlineExceeded after
  // PATIENCE.
  Result<std::string> Collect(Pipes pipes, std::optional<std::chrono::milliseconds> patience);

  std::string out;
  std::string err;

 private:
  // False at the end of the stream.
  bool Take(int fd, std::string& to, size_t limit) const;
  size_t limit_;
};

}  // namespace onggi
