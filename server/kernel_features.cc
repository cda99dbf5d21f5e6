#include "server/kernel_features.h"

#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

namespace onggi {
namespace {

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

bool IsCgroup2(const char* path) {
  struct statfs info {};
  return statfs(path, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
}

}  // namespace

bool HasMountSetattr() {
  // A size of 0 is refused with EINVAL where the call exists.
  static const bool has =
      syscall(SYS_mount_setattr, -1, "", 0, nullptr, 0) == -1 && errno != ENOSYS;
  return has;
}

std::string CgroupVersion() {
  if (IsCgroup2("/sys/fs/cgroup")) return "v2";
  return IsCgroup2("/sys/fs/cgroup/unified") ? "hybrid" : "v1";
}

std::string KernelRelease() {
  utsname name{};
  return uname(&name) == 0 ? name.release : "";
}

std::string Machine() {
  utsname name{};
  return uname(&name) == 0 ? name.machine : "";
}

}  // namespace onggi
