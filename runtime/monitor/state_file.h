// The monitor's files: monitor.json and ID.json, in the pod's run directory (on tmpfs).
//
// Written to a temporary name and renamed, relative to a descriptor of the directory: who reads
// sees the old content or the new, and a directory that was removed and made again by someone else
// is not written into.
//
// Thread-safety: one thread. Ownership: owns the directory descriptor. Blocks on the file system.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class StateDirectory {
 public:
  static Result<StateDirectory> Open(const std::string& path);

  Result<> Write(const std::string& name, std::string_view content);
  // Success when it is absent.
  void Remove(const std::string& name);
  // False when the directory has been removed.
  bool Exists() const;
  int fd() const { return fd_.get(); }

 private:
  explicit StateDirectory(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace onggi
