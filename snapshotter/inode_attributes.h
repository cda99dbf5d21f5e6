// Attributes of an inode that a layer names, set through an fd and never through a path of the
// layer.
//
// Thread-safety: free functions. They block on the file system. Setting owners, set-id bits and
// trusted xattrs needs root.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace onggi {

// The kernel's own words in an upper directory; from a layer they are dropped: a layer could hide
// what it does not delete, or name files of other layers (redirect).
inline constexpr std::string_view kOverlayXattrPrefix = "trusted.overlay.";
inline constexpr const char* kOpaqueXattr = "trusted.overlay.opaque";
inline constexpr const char* kDefaultAclXattr = "system.posix_acl_default";

using Xattrs = std::map<std::string, std::string>;

// The umask of this process when it was first asked: read once from /proc, as umask(2) can only be
// read by changing it for all threads.
mode_t ProcessUmask();

// Sets each xattr of the inode behind FD (O_PATH allowed, also of a symbolic link) but overlayfs's
// own and the default ACL. A file system or inode kind that has no place for one (EOPNOTSUPP; EPERM
// for user.* on a link or device) is no reason to refuse an image.
Result<> SetInodeXattrs(int fd, const Xattrs& xattrs);
// Every xattr but overlayfs's own.
Result<Xattrs> InodeXattrs(int fd);
// True when NAME is set on the inode behind FD.
bool HasXattr(int fd, const char* name);
Result<> SetXattr(int fd, const char* name, std::string_view value);

// mknod 0:0: overlayfs's whiteout.
bool IsWhiteout(const struct stat& st);
Result<> MakeWhiteout(int dir_fd, const std::string& name);

// Owner and mode of FD (O_PATH allowed), in the order that keeps set-id bits: chown clears them.
Result<> SetOwnerAndMode(int fd, uid_t uid, gid_t gid, mode_t mode);
// Access and modification time of FD (O_PATH allowed).
Result<> SetInodeTimes(int fd, int64_t mtime_ns);

timespec TimespecOf(int64_t nanoseconds);
inline int64_t NanosOf(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace onggi
