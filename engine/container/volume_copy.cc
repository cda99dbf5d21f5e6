#include "engine/container/volume_copy.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr int kMostEntries = 100'000;

Result<> Configure(int fd, const char* key, const std::string& value) {
  if (syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, key, value.c_str(), 0) != 0) {
    return SysError(std::string("fsconfig(overlay, ") + key + ")");
  }
  return Ok();
}

// The image's merged tree as the fd of a mount that is nowhere.
Result<UniqueFd> OpenImage(const RootfsMount& rootfs) {
  if (rootfs.kind == RootfsMount::Kind::kBind) {
    return Open(rootfs.source, O_RDONLY | O_DIRECTORY);
  }
  // overlayfs wants two lower directories when there is no upper one.
  if (rootfs.lower.size() == 1) return Open(rootfs.lower[0], O_RDONLY | O_DIRECTORY);
  UniqueFd fs(static_cast<int>(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  if (!fs.valid()) return SysError("fsopen(overlay)");
  std::string joined = Join(rootfs.lower, ":");
  TRY(Configure(fs.get(), "lowerdir", joined));
  if (syscall(SYS_fsconfig, fs.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return SysError("fsconfig(overlay, create)");
  }
  UniqueFd mounted(static_cast<int>(
      syscall(SYS_fsmount, fs.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV)));
  if (!mounted.valid()) return SysError("fsmount(overlay)");
  return mounted;
}

Result<> CopyOwner(const struct stat& st, int fd) {
  if (fchown(fd, st.st_uid, st.st_gid) != 0) return SysError("fchown");
  if (fchmod(fd, st.st_mode & 07777) != 0) return SysError("fchmod");
  timespec times[2] = {st.st_atim, st.st_mtim};
  if (futimens(fd, times) != 0) return SysError("futimens");
  return Ok();
}

Result<> CopyFile(int from, int to, const std::string& name, const struct stat& st) {
  TRY_ASSIGN(UniqueFd in, OpenAt(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  TRY_ASSIGN(UniqueFd out, OpenAt(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  while (true) {
    ssize_t n = copy_file_range(in.get(), nullptr, out.get(), nullptr, 1 << 30, 0);
    if (n < 0) return SysError("copy_file_range " + name);
    if (n == 0) break;
  }
  return CopyOwner(st, out.get());
}

Result<> CopyLink(int from, int to, const std::string& name, const struct stat& st) {
  char target[4096];
  ssize_t n = readlinkat(from, name.c_str(), target, sizeof target - 1);
  if (n < 0) return SysError("readlink " + name);
  target[n] = '\0';
  if (symlinkat(target, to, name.c_str()) != 0) return SysError("symlink " + name);
  if (fchownat(to, name.c_str(), st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return SysError("chown " + name);
  }
  return Ok();
}

Result<> CopyDirectory(int from, int to, int& left);

Result<> CopyEntry(int from, int to, const std::string& name, int& left) {
  if (--left < 0) return ResourceExhausted("more than 100000 files to copy into a volume");
  struct stat st {};
  if (fstatat(from, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return SysError("stat " + name);
  if (S_ISREG(st.st_mode)) return CopyFile(from, to, name, st);
  if (S_ISLNK(st.st_mode)) return CopyLink(from, to, name, st);
  if (!S_ISDIR(st.st_mode)) return Ok();  // devices and fifos are nothing for a volume
  if (mkdirat(to, name.c_str(), 0700) != 0) return SysError("mkdir " + name);
  TRY_ASSIGN(UniqueFd in, OpenAt(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TRY_ASSIGN(UniqueFd out, OpenAt(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TRY(CopyDirectory(in.get(), out.get(), left));
  return CopyOwner(st, out.get());
}

Result<> CopyDirectory(int from, int to, int& left) {
  TRY_ASSIGN(UniqueFd fd, OpenAt(from, ".", O_RDONLY | O_DIRECTORY));
  std::unique_ptr<DIR, int (*)(DIR*)> dir(fdopendir(fd.get()), closedir);
  if (!dir) return SysError("fdopendir");
  (void)fd.Release();  // closedir closes it
  while (dirent* entry = readdir(dir.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") TRY(CopyEntry(from, to, name, left));
  }
  return Ok();
}

}  // namespace

Result<> CopyUp(const RootfsMount& rootfs, const std::string& path, const std::string& directory) {
  TRY_ASSIGN(UniqueFd image, OpenImage(rootfs));
  auto from = RootedPath(image.get()).Open(path, O_RDONLY | O_DIRECTORY);
  if (!from) {
    int error = from.error().sys_errno();
    if (error == ENOENT || error == ENOTDIR) return Ok();
    return std::move(from).error();
  }
  TRY_ASSIGN(UniqueFd to, Open(directory, O_RDONLY | O_DIRECTORY));
  struct stat st {};
  if (fstat(from->get(), &st) != 0) return SysError("fstat");
  int left = kMostEntries;
  TRY(CopyDirectory(from->get(), to.get(), left));
  return CopyOwner(st, to.get());
}

}  // namespace onggi
