#include "runtime/kernel/rootfs.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "runtime/kernel/mount_api.h"
#include "runtime/kernel/mount_options.h"

namespace onggi {
namespace {

Result<UniqueFd> BindRoot(const std::string& source, bool read_only) {
  TRY_ASSIGN(UniqueFd mount, CloneMount(AT_FDCWD, source, true));
  TRY(SetMountAttributes(mount.get(), {.propagation = MS_PRIVATE}, true));
  if (read_only) TRY(SetMountAttributes(mount.get(), {.set = MOUNT_ATTR_RDONLY}, false));
  return mount;
}

// Linux 6.8 takes layers one by one, each up to 255 bytes (fsconfig's limit).
Result<UniqueFd> OverlayByLayers(const spec::Rootfs& rootfs) {
  TRY_ASSIGN(NewFilesystem overlay, NewFilesystem::Open("overlay"));
  for (const std::string& layer : rootfs.lower) TRY(overlay.SetString("lowerdir+", layer));
  if (!rootfs.upper.empty()) {
    TRY(overlay.SetString("upperdir", rootfs.upper));
    TRY(overlay.SetString("workdir", rootfs.work));
  }
  return overlay.Mount(0);
}

// Where the fallback mounts for a moment. Any directory would do.
constexpr const char* kTransit = "/sys";

}  // namespace

Result<> MakeMountsPrivate() {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return SysError("mount(/, private)");
  }
  return Ok();
}

Result<UniqueFd> MakeOverlayByMount(const spec::Rootfs& rootfs) {
  std::vector<UniqueFd> fds;
  std::string lower;
  for (const std::string& layer : rootfs.lower) {
    TRY_ASSIGN(UniqueFd fd, Open(layer, O_PATH | O_DIRECTORY));
    lower += (lower.empty() ? "" : ":") + ProcFdPath(fd.get());
    fds.push_back(std::move(fd));
  }
  std::string options = "lowerdir=" + lower;
  if (!rootfs.upper.empty()) {
    TRY_ASSIGN(UniqueFd upper, Open(rootfs.upper, O_PATH | O_DIRECTORY));
    TRY_ASSIGN(UniqueFd work, Open(rootfs.work, O_PATH | O_DIRECTORY));
    options += ",upperdir=" + ProcFdPath(upper.get()) + ",workdir=" + ProcFdPath(work.get());
    fds.push_back(std::move(upper));
    fds.push_back(std::move(work));
  }
  if (mount("overlay", kTransit, "overlay", 0, options.c_str()) != 0) {
    return SysError("mount(overlay, " + std::to_string(rootfs.lower.size()) + " layers)");
  }
  Result<UniqueFd> clone = CloneMount(AT_FDCWD, kTransit, false);
  if (umount2(kTransit, MNT_DETACH) != 0) return SysError("umount(overlay)");
  return clone;
}

Result<UniqueFd> MakeRootMount(const spec::Spec& spec) {
  if (!spec.rootfs) return BindRoot(spec.root_path, false).Wrap("root " + spec.root_path);
  const spec::Rootfs& rootfs = *spec.rootfs;
  if (!rootfs.source.empty()) return BindRoot(rootfs.source, false).Wrap("root " + rootfs.source);
  if (rootfs.lower.empty()) return InvalidArgument("the root file system has no layer");
  // Overlayfs wants two layers when nothing is written.
  if (rootfs.lower.size() == 1 && rootfs.upper.empty()) {
    return BindRoot(rootfs.lower[0], true).Wrap("root " + rootfs.lower[0]);
  }
  Result<UniqueFd> mount = OverlayByLayers(rootfs);
  if (mount || (mount.error().sys_errno() != EINVAL && mount.error().sys_errno() != ENOSYS)) {
    return mount;
  }
  return MakeOverlayByMount(rootfs);
}

Result<UniqueFd> AttachRoot(UniqueFd mount, const std::string& at) {
  TRY(AttachMountAt(mount.get(), at.empty() ? "/" : at));
  return mount;
}

Result<> EnterRoot(int root_fd, bool pivot) {
  if (fchdir(root_fd) != 0) return SysError("fchdir(root)");
  if (!pivot) {
    if (chroot(".") != 0) return SysError("chroot");
    return Ok();
  }
  // With "." twice the old root ends up on top of the new one, and needs no directory in it.
  if (syscall(SYS_pivot_root, ".", ".") != 0) return SysError("pivot_root");
  if (umount2(".", MNT_DETACH) != 0) return SysError("umount(old root)");
  if (chdir("/") != 0) return SysError("chdir(/)");
  return Ok();
}

Result<> SetRootPropagation(const std::string& word) {
  bool recursive = false;
  const uint64_t flag = PropagationFlag(word, recursive);
  if (flag == 0 || flag == MS_PRIVATE) return Ok();  // private is what it is
  if (mount(nullptr, "/", nullptr, flag | (recursive ? MS_REC : 0), nullptr) != 0) {
    return SysError("mount(/, " + word + ")");
  }
  return Ok();
}

}  // namespace onggi
