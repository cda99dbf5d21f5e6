// The mounts of a container: the default ones, the pod's files, what the configuration asks; in the
// order in which they are made.
//
// Thread-safety: free functions. ResolveMounts looks at the host's files (and makes a missing
// host_path directory, as containerd and CRI-O do).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/container/container_config.h"
#include "runtime/spec/spec.h"

namespace onggi {

struct MountInput {
  const ContainerConfig* config = nullptr;  // with resolved host paths
  const PodConfig* pod = nullptr;
  std::string pod_files;  // directory with hosts, hostname, resolv.conf
  std::string shm;        // the pod's /dev/shm; unused with the host's ipc namespace
  // Image and anonymous volumes that were prepared for it.
  std::vector<spec::Mount> volumes;
};

// All mounts, parents before children; a mount of the configuration takes the place of a default
// one at the same destination, and one at /dev hides the defaults below it.
std::vector<spec::Mount> BuildMounts(const MountInput& input);

// The host's side of the configuration's bind mounts: links resolved, missing directories made,
// propagation allowed by the source's own mount. In place. InvalidArgument, or FailedPrecondition
// for a source that is not shared.
Result<> ResolveMounts(std::vector<ContainerMount>& mounts);

// "rprivate", "rslave" or "rshared": what the root must be so that the mounts' propagation works.
std::string RootPropagation(const std::vector<ContainerMount>& mounts);

}  // namespace onggi
