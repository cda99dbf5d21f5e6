#include "tests/support/mounted_rootfs.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/temp_dir.h"

// glibc's <sys/mount.h> and <linux/mount.h> don't go together.
extern "C" int mount(const char*, const char*, const char*, unsigned long, const void*) noexcept;

namespace onggi::testing {
namespace {

constexpr unsigned long kMsRdonly = 1;
constexpr unsigned long kMsRemount = 32;
constexpr unsigned long kMsBind = 4096;
constexpr unsigned long kMsRec = 16384;
constexpr unsigned long kMsPrivate = 1 << 18;

Result<> Set(int context, const char* key, const std::string& value) {
  if (syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0) return Ok();
  return SysError(std::string("fsconfig(") + key + "=" + value + ")");
}

Result<> MountOverlay(const RootfsMount& rootfs, const std::string& at) {
  UniqueFd context(static_cast<int>(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  if (!context.valid()) return SysError("fsopen(overlay)");
  // One key for each layer (Linux 6.8): no page limits their number.
  for (const std::string& layer : rootfs.lower) TRY(Set(context.get(), "lowerdir+", layer));
  if (!rootfs.upper.empty()) {
    TRY(Set(context.get(), "upperdir", rootfs.upper));
    TRY(Set(context.get(), "workdir", rootfs.work));
  }
  if (syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return SysError("fsconfig(create overlay)");
  }
  unsigned attributes = rootfs.read_only ? MOUNT_ATTR_RDONLY : 0;
  UniqueFd tree(static_cast<int>(syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, attributes)));
  if (!tree.valid()) return SysError("fsmount");
  if (syscall(SYS_move_mount, tree.get(), "", AT_FDCWD, at.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return SysError("move_mount");
  }
  return Ok();
}

Result<> MountBind(const RootfsMount& rootfs, const std::string& at) {
  if (mount(rootfs.source.c_str(), at.c_str(), nullptr, kMsBind, nullptr) != 0) {
    return SysError("mount(bind " + rootfs.source + ")");
  }
  unsigned long flags = kMsRemount | kMsBind | kMsRdonly;
  if (rootfs.read_only && mount(nullptr, at.c_str(), nullptr, flags, nullptr) != 0) {
    return SysError("mount(read-only)");
  }
  return Ok();
}

// In the child: 'k' and what LOOK said, or 'e' and the error.
std::string Look(const RootfsMount& rootfs, const std::string& at,
                 const std::function<std::string(const std::string& root)>& look) {
  auto mounted = [&]() -> Result<> {
    if (unshare(CLONE_NEWNS) != 0) return SysError("unshare");
    if (mount(nullptr, "/", nullptr, kMsRec | kMsPrivate, nullptr) != 0)
      return SysError("mount(/)");
    return rootfs.kind == RootfsMount::Kind::kOverlay ? MountOverlay(rootfs, at)
                                                      : MountBind(rootfs, at);
  }();
  return mounted ? "k" + look(at) : "e" + mounted.error().message();
}

}  // namespace

Result<std::string> InMountedRootfs(
    const RootfsMount& mount, const std::function<std::string(const std::string& root)>& look) {
  TRY_ASSIGN(TempDir at, TempDir::Make());
  TRY_ASSIGN(Pipe pipe, MakePipe());
  pid_t child = fork();
  if (child < 0) return SysError("fork");
  if (child == 0) {
    auto sent = WriteAll(pipe.write.get(), Look(mount, at.path(), look));
    _exit(sent ? 0 : 1);
  }
  pipe.write.reset();
  auto answer = ReadAll(pipe.read.get(), 64 << 20);
  int status = 0;
  (void)waitpid(child, &status, 0);  // our own child, not yet reaped: can't fail
  TRY_ASSIGN(std::string text, std::move(answer));
  if (status != 0 || text.empty())
    return Internal("the child ended with " + std::to_string(status));
  if (text[0] == 'e') return Internal(text.substr(1));
  return text.substr(1);
}

}  // namespace onggi::testing
