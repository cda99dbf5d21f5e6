// Procfs: the host's procfs as it was before any container path was entered, proved to be one
// (CVE-2019-16884, CVE-2025-52881). All writes of the runtime below /proc go through it.
//
// It must be opened before the mount namespace is changed: from then on it is immune to what a
// container mounts. Writes below sys/ reach the namespaces of the calling process.
//
// Thread-safety: const methods from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class Procfs {
 public:
  // FailedPrecondition when /proc is not the root of a procfs.
  static Result<Procfs> Open();

  // PATH is relative ("self/oom_score_adj"); links other than procfs's own "self" are refused.
  Result<> Write(const std::string& path, std::string_view value) const;
  // The same, then proves that the kernel took it: reads back and compares without blanks.
  Result<> WriteAndVerify(const std::string& path, std::string_view value) const;
  Result<std::string> Read(const std::string& path) const;

  int fd() const { return fd_.get(); }

 private:
  explicit Procfs(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<UniqueFd> OpenBelow(const std::string& path, int flags) const;
  UniqueFd fd_;
};

}  // namespace onggi
