// The mount API of Linux 5.2 and 5.12 as typed calls: mounts are fds until they are attached.
//
// Thread-safety: free functions. Ownership: results own their fds. All block on the file system
// that is mounted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

// A new file system that is being configured: fsopen(2) to fsmount(2).
class NewFilesystem {
 public:
  static Result<NewFilesystem> Open(const std::string& type);
  // "key", or "key=value".
  Result<> SetOption(const std::string& option);
  Result<> SetString(const char* key, const std::string& value);
  Result<> SetFlag(const char* key);
  // Makes the superblock and its detached mount. ATTRIBUTES: MOUNT_ATTR_*.
  Result<UniqueFd> Mount(uint64_t attributes);

 private:
  explicit NewFilesystem(UniqueFd fd) : fd_(std::move(fd)) {}
  // The error of the call, with what the file system said about it.
  Error Explain(const std::string& call) const;
  UniqueFd fd_;
};

// A detached copy of the mount at PATH (of fd DIR itself when PATH is "").
Result<UniqueFd> CloneMount(int dir_fd, const std::string& path, bool recursive);

struct MountAttributes {
  uint64_t set = 0;
  uint64_t clear = 0;
  uint64_t propagation = 0;  // MS_PRIVATE, ...; 0 leaves it
  int idmap_userns = -1;
};
// Changes the mount that FD is the root of; with RECURSIVE all below it too.
Result<> SetMountAttributes(int mount_fd, const MountAttributes& attributes, bool recursive);

// Puts a detached mount onto what TARGET refers to.
Result<> AttachMount(int mount_fd, int target_fd);
Result<> AttachMountAt(int mount_fd, const std::string& target_path);

}  // namespace onggi
