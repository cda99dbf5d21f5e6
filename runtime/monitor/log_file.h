// LogFile: the file that a container's log goes to.
//
// Who may name it: the kubelet does, below a directory into which a pod may have been given a
// window. So the last two directories of the path and the file itself are resolved without
// following a link, and what is opened must be a regular file with one name (CVE-2025-0750 and
// kin). It is made with mode 0640.
//
// A write that the disk refuses takes back what it wrote of the batch, so that no torn record stays
// behind, counts the bytes and goes on: a full disk costs log lines, never the container.
//
// Thread-safety: one thread. Blocks on the disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class LogFile {
 public:
  LogFile() = default;  // drops what is written, and does not count it
  // InvalidArgument for a path that is not absolute and plain, or a file that is not a regular one.
  static Result<LogFile> Open(const std::string& path);

  bool valid() const { return fd_.valid(); }
  // Opens PATH anew; on failure the old file stays in use.
  Result<> Reopen();
  // BATCH is whole records.
  void Append(std::string_view batch);
  uint64_t dropped_bytes() const { return dropped_bytes_; }

 private:
  std::string path_;
  UniqueFd fd_;
  uint64_t dropped_bytes_ = 0;
};

}  // namespace onggi
