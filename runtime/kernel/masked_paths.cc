#include "runtime/kernel/masked_paths.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/rooted_path.h"
#include "base/unique_fd.h"
#include "runtime/kernel/devices.h"
#include "runtime/kernel/mount_api.h"

namespace onggi {
namespace {

Result<UniqueFd> EmptyDirectory() {
  TRY_ASSIGN(NewFilesystem tmpfs, NewFilesystem::Open("tmpfs"));
  TRY(tmpfs.SetString("size", "0"));
  TRY(tmpfs.SetString("mode", "755"));
  TRY(tmpfs.SetString("nr_inodes", "1"));
  return tmpfs.Mount(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

// "found" is invalid when there is nothing at PATH.
Result<UniqueFd> OpenIfThere(int root_fd, const std::string& path) {
  Result<UniqueFd> found = RootedPath(root_fd).Open(path, O_PATH);
  if (!found && (found.error().sys_errno() == ENOENT || found.error().sys_errno() == ENOTDIR)) {
    return UniqueFd();
  }
  return found;
}

// The first of each kind is attached itself, the others are copies of it: an unattached mount that
// is closed costs an RCU grace period, and kernels before 6.15 cannot copy one.
Result<> MaskOne(int target_fd, UniqueFd& null, UniqueFd& empty) {
  struct stat st {};
  if (fstat(target_fd, &st) != 0) return SysError("fstat");
  UniqueFd& first = S_ISDIR(st.st_mode) ? empty : null;
  if (first.valid()) {
    TRY_ASSIGN(const UniqueFd copy, CloneMount(first.get(), "", false));
    return AttachMount(copy.get(), target_fd);
  }
  if (S_ISDIR(st.st_mode)) {
    TRY_ASSIGN(first, EmptyDirectory());
  } else {
    TRY_ASSIGN(const UniqueFd device, OpenNull(O_PATH));
    TRY_ASSIGN(first, CloneMount(device.get(), "", false));
    TRY(SetMountAttributes(first.get(), {.set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE},
                           false));
  }
  return AttachMount(first.get(), target_fd);
}

}  // namespace

Result<> MaskPaths(int root_fd, const std::vector<std::string>& paths) {
  UniqueFd null;
  UniqueFd empty;
  for (const std::string& path : paths) {
    TRY_ASSIGN(const UniqueFd target, OpenIfThere(root_fd, path).Wrap("mask " + path));
    if (!target.valid()) continue;
    TRY(MaskOne(target.get(), null, empty).Wrap("mask " + path));
  }
  return Ok();
}

Result<> MakeReadOnly(int root_fd, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const std::string what = "make " + path + " read-only";
    TRY_ASSIGN(const UniqueFd target, OpenIfThere(root_fd, path).Wrap(what));
    if (!target.valid()) continue;
    TRY_ASSIGN(const UniqueFd mount, CloneMount(target.get(), "", true).Wrap(what));
    TRY(SetMountAttributes(mount.get(), {.set = MOUNT_ATTR_RDONLY}, true).Wrap(what));
    TRY(AttachMount(mount.get(), target.get()).Wrap(what));
  }
  return Ok();
}

}  // namespace onggi
