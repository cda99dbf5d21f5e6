// FileLock: an exclusive flock(2) on a lock file, which holds the owner's pid for the error of the
// second. The kernel drops it with the process, so a crash leaves no stale lock.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class FileLock {
 public:
  // FailedPrecondition naming the holder's pid when somebody else has it. Does not wait.
  static Result<FileLock> Acquire(const std::string& path);

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace onggi
