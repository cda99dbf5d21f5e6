// What the running kernel is and can do, for Status and Info.
//
// Thread-safety: any thread.
#pragma once

#include <string>

namespace onggi {

// mount_setattr(2), Linux 5.12: recursive read-only and id-mapped mounts.
bool HasMountSetattr();
// "v1", "hybrid" or "v2", by what is mounted at /sys/fs/cgroup.
std::string CgroupVersion();
// "6.1.0-13-amd64".
std::string KernelRelease();
// "x86_64".
std::string Machine();

}  // namespace onggi
