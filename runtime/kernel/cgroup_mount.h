// Mounts of type "cgroup": the container's own groups, and nothing above them.
//
// v2: one mount. v1 and hybrid: a tmpfs with one directory per hierarchy and links for those that
// hold several controllers ("cpu" to "cpu,cpuacct"), as init systems lay it out. Each shows the
// container's group as its top, with or without a cgroup namespace.
//
// Thread-safety: one thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/kernel/mount_options.h"

namespace onggi {

Result<> MountCgroups(int root_fd, const std::string& destination, const MountOptions& options,
                      const std::vector<std::string>& dirs);

}  // namespace onggi
