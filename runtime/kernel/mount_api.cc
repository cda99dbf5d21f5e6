#include "runtime/kernel/mount_api.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace onggi {
namespace {

// The kernel's struct mount_attr; <linux/mount.h> clashes with <sys/mount.h> of glibc 2.36.
struct KernelMountAttr {
  uint64_t attr_set;
  uint64_t attr_clr;
  uint64_t propagation;
  uint64_t userns_fd;
};

int FsConfig(int fd, unsigned int command, const char* key, const char* value) {
  return static_cast<int>(syscall(SYS_fsconfig, fd, command, key, value, 0));
}

}  // namespace

Result<NewFilesystem> NewFilesystem::Open(const std::string& type) {
  UniqueFd fd(static_cast<int>(syscall(SYS_fsopen, type.c_str(), FSOPEN_CLOEXEC)));
  if (!fd.valid()) {
    if (errno == ENODEV) return InvalidArgument("this kernel has no file system " + type);
    return SysError("fsopen(" + type + ")");
  }
  return NewFilesystem(std::move(fd));
}

Error NewFilesystem::Explain(const std::string& call) const {
  const int err = errno;
  char text[256];
  // The context queues "e message" lines; the first tells the cause.
  const ssize_t length = read(fd_.get(), text, sizeof(text));
  if (length > 2) {
    std::string said(text + 2, static_cast<size_t>(length) - 2);
    while (!said.empty() && said.back() == '\n') said.pop_back();
    return SysError(call + " (" + said + ")", err);
  }
  return SysError(call, err);
}

Result<> NewFilesystem::SetOption(const std::string& option) {
  const size_t equals = option.find('=');
  if (equals == std::string::npos) return SetFlag(option.c_str());
  return SetString(option.substr(0, equals).c_str(), option.substr(equals + 1));
}

Result<> NewFilesystem::SetString(const char* key, const std::string& value) {
  if (FsConfig(fd_.get(), FSCONFIG_SET_STRING, key, value.c_str()) != 0) {
    return Explain("fsconfig(" + std::string(key) + "=" + value + ")");
  }
  return Ok();
}

Result<> NewFilesystem::SetFlag(const char* key) {
  if (FsConfig(fd_.get(), FSCONFIG_SET_FLAG, key, nullptr) != 0) {
    return Explain("fsconfig(" + std::string(key) + ")");
  }
  return Ok();
}

Result<UniqueFd> NewFilesystem::Mount(uint64_t attributes) {
  if (FsConfig(fd_.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr) != 0) {
    return Explain("fsconfig(create)");
  }
  UniqueFd mount(static_cast<int>(
      syscall(SYS_fsmount, fd_.get(), FSMOUNT_CLOEXEC, static_cast<unsigned int>(attributes))));
  if (!mount.valid()) return Explain("fsmount");
  return mount;
}

Result<UniqueFd> CloneMount(int dir_fd, const std::string& path, bool recursive) {
  const unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
                             (path.empty() ? AT_EMPTY_PATH : 0) | (recursive ? AT_RECURSIVE : 0);
  UniqueFd fd(static_cast<int>(syscall(SYS_open_tree, dir_fd, path.c_str(), flags)));
  if (!fd.valid()) return SysError("open_tree(" + path + ")");
  return fd;
}

Result<> SetMountAttributes(int mount_fd, const MountAttributes& attributes, bool recursive) {
  KernelMountAttr attr{attributes.set, attributes.clear, attributes.propagation, 0};
  if (attributes.idmap_userns >= 0) {
    attr.attr_set |= MOUNT_ATTR_IDMAP;
    attr.userns_fd = static_cast<uint64_t>(attributes.idmap_userns);
  }
  if (attr.attr_set == 0 && attr.attr_clr == 0 && attr.propagation == 0) return Ok();
  const unsigned int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (syscall(SYS_mount_setattr, mount_fd, "", flags, &attr, sizeof(attr)) != 0) {
    return SysError("mount_setattr");
  }
  return Ok();
}

Result<> AttachMount(int mount_fd, int target_fd) {
  if (syscall(SYS_move_mount, mount_fd, "", target_fd, "",
              MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
    return SysError("move_mount");
  }
  return Ok();
}

Result<> AttachMountAt(int mount_fd, const std::string& target_path) {
  if (syscall(SYS_move_mount, mount_fd, "", AT_FDCWD, target_path.c_str(),
              MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return SysError("move_mount(" + target_path + ")");
  }
  return Ok();
}

}  // namespace onggi
