// ReadOnlyProgram: a program to be started from a file that nobody can write to, not even root
// through /proc/PID/exe of a process that runs it (CVE-2019-5736).
//
// It is a detached read-only clone of the mount that the program is on, so all its processes share
// one copy in memory; where the kernel refuses that, a sealed copy (memfd), one for each daemon.
//
// Thread-safety: Open from any thread. The result is immutable.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class ReadOnlyProgram {
 public:
  // The one of PATH, opened anew when another file is there now.
  static Result<std::shared_ptr<const ReadOnlyProgram>> Open(const std::string& path);

  // To be passed to the child, which is started as /proc/self/fd/N by its number there. Borrowed.
  int fd() const { return fd_.get(); }

  explicit ReadOnlyProgram(UniqueFd fd) : fd_(std::move(fd)) {}

 private:
  UniqueFd fd_;
};

}  // namespace onggi
