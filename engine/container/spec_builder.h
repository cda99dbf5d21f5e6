// BuildSpec: the OCI specification of a container from all that was resolved for it. Looks at
// nothing but its input, seccomp profile files and device nodes.
//
// Thread-safety: free functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/container/container_config.h"
#include "engine/container/resolve_user.h"
#include "image/image.h"
#include "runtime/spec/spec.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

struct SpecInput {
  const ContainerConfig* config = nullptr;
  const PodConfig* pod = nullptr;
  const ImageConfig* image = nullptr;
  RootfsMount rootfs;
  ResolvedUser user;
  std::vector<spec::Mount> volumes;
  std::string pod_files;
  std::string shm;
  std::string hostname;
  std::string cgroup_path;
  std::vector<std::string> default_capabilities;
  std::string seccomp_profile;  // of RuntimeDefault; "" is the built-in one
  // The pod's namespace of a type; "" for the host's.
  std::function<std::string(const std::string&)> namespace_path;
};

Result<spec::Spec> BuildSpec(const SpecInput& input);

// CRI's resources as the specification has them. Swap is limited to the memory limit when nothing
// is said about it and the node can account for it.
spec::Resources ToSpecResources(const Resources& resources);

// Whether memory and swap together can be limited on this node.
bool CanLimitSwap();

// What kubelet and Docker mask and protect in /proc and /sys, for callers that do not bring lists.
const std::vector<std::string>& DefaultMaskedPaths();
const std::vector<std::string>& DefaultReadonlyPaths();

}  // namespace onggi
