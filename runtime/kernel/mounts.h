// Mounts: what config.json lists under "mounts", placed below a root directory fd.
//
// Every target is resolved inside the root to an fd (openat2), missing parts are made component by
// component, and the mount is attached to that fd: nothing that a container swaps in the meantime
// can move it (CVE-2021-30465, CVE-2023-27561). Targets of proc and sysfs must be real directories.
//
// Thread-safety: one thread. All calls block on the file systems that are mounted.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace onggi {

struct MountContext {
  int root_fd = -1;
  const std::vector<std::string>* cgroup_dirs = nullptr;  // for mounts of type "cgroup"
};

// User namespaces that carry the id maps of idmapped binds. Made before the container's first
// process is: they need a procfs in which new processes have the numbers that we know them by. One
// entry per mount, invalid where it is not needed.
Result<std::vector<UniqueFd>> MakeMappings(const std::vector<spec::Mount>& mounts);

// Binds whose propagation reaches the host or comes from it are cloned before the namespace becomes
// private; idmapped ones with them. With ALL every bind is, for a caller that soon may not open the
// sources any more. One entry per mount, invalid where it is not needed.
Result<std::vector<UniqueFd>> CloneBinds(const std::vector<spec::Mount>& mounts,
                                         const std::vector<UniqueFd>& mappings, bool all);

Result<> MountAll(const MountContext& context, const std::vector<spec::Mount>& mounts,
                  std::vector<UniqueFd> linked);

// The place of DESTINATION below the root, made when it lacks: a directory, or an empty file.
Result<UniqueFd> MakeMountTarget(int root_fd, const std::string& destination, bool directory,
                                 bool no_links);

}  // namespace onggi
