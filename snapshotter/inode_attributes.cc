#include "snapshotter/inode_attributes.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/strings.h"

namespace onggi {
namespace {

mode_t ReadUmask() {
  std::string status = ReadFile("/proc/self/status").value_or("");
  size_t at = status.find("\nUmask:");
  if (at == std::string::npos) return 0777;  // unknown: every mode is set explicitly
  return static_cast<mode_t>(strtoul(status.c_str() + at + 7, nullptr, 8));
}

bool IsOverlayXattr(std::string_view name) {
  return name.substr(0, kOverlayXattrPrefix.size()) == kOverlayXattrPrefix;
}

}  // namespace

mode_t ProcessUmask() {
  static const mode_t kUmask = ReadUmask();
  return kUmask;
}

timespec TimespecOf(int64_t nanoseconds) {
  timespec time{};
  time.tv_sec = nanoseconds / 1'000'000'000;
  time.tv_nsec = nanoseconds % 1'000'000'000;
  if (time.tv_nsec < 0) {
    time.tv_nsec += 1'000'000'000;
    --time.tv_sec;
  }
  return time;
}

Result<> SetInodeXattrs(int fd, const Xattrs& xattrs) {
  for (const auto& [name, value] : xattrs) {
    if (IsOverlayXattr(name) || name == kDefaultAclXattr) continue;
    // f*xattr refuses O_PATH descriptors; /proc/self/fd leads to the inode itself, also of a link.
    if (setxattr(ProcFdPath(fd).c_str(), name.c_str(), value.data(), value.size(), 0) == 0)
      continue;
    bool no_place = errno == EOPNOTSUPP || (errno == EPERM && name.compare(0, 5, "user.") == 0);
    if (!no_place) return SysError("setxattr(" + Quote(name) + ")");
  }
  return Ok();
}

Result<Xattrs> InodeXattrs(int fd) {
  std::string path = ProcFdPath(fd);
  Xattrs xattrs;
  ssize_t size = listxattr(path.c_str(), nullptr, 0);
  if (size == 0 || (size < 0 && errno == EOPNOTSUPP)) return xattrs;
  if (size < 0) return SysError("listxattr");
  std::string names(static_cast<size_t>(size), '\0');
  size = listxattr(path.c_str(), names.data(), names.size());
  if (size < 0) return SysError("listxattr");
  names.resize(static_cast<size_t>(size));
  for (std::string_view name : Split(names, '\0')) {
    if (name.empty() || IsOverlayXattr(name)) continue;
    std::string key(name);
    std::string value(65536, '\0');  // XATTR_SIZE_MAX
    ssize_t length = getxattr(path.c_str(), key.c_str(), value.data(), value.size());
    if (length < 0) return SysError("getxattr(" + Quote(name) + ")");
    value.resize(static_cast<size_t>(length));
    xattrs.emplace(std::move(key), std::move(value));
  }
  return xattrs;
}

bool HasXattr(int fd, const char* name) {
  return getxattr(ProcFdPath(fd).c_str(), name, nullptr, 0) >= 0;
}

Result<> SetXattr(int fd, const char* name, std::string_view value) {
  if (setxattr(ProcFdPath(fd).c_str(), name, value.data(), value.size(), 0) != 0) {
    return SysError("setxattr(" + std::string(name) + ")");
  }
  return Ok();
}

bool IsWhiteout(const struct stat& st) {
  return S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
}

Result<> MakeWhiteout(int dir_fd, const std::string& name) {
  if (mknodat(dir_fd, name.c_str(), S_IFCHR, makedev(0, 0)) != 0) {
    return SysError("mknod(whiteout " + Quote(name) + ")");
  }
  return Ok();
}

Result<> SetOwnerAndMode(int fd, uid_t uid, gid_t gid, mode_t mode) {
  if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0) return SysError("fchownat");
  if (chmod(ProcFdPath(fd).c_str(), mode & 07777) != 0) return SysError("chmod");
  return Ok();
}

Result<> SetInodeTimes(int fd, int64_t mtime_ns) {
  timespec times[2] = {TimespecOf(mtime_ns), TimespecOf(mtime_ns)};
  if (utimensat(AT_FDCWD, ProcFdPath(fd).c_str(), times, 0) != 0) return SysError("utimensat");
  return Ok();
}

}  // namespace onggi
