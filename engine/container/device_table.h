// The devices of a container: what its configuration names, or all of the host's when privileged.
//
// Thread-safety: free functions. Blocks on /dev.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/container/container_config.h"
#include "runtime/spec/spec.h"

namespace onggi {

struct DeviceSet {
  std::vector<spec::Device> nodes;
  std::vector<spec::DeviceRule> rules;
};

// Links are resolved; a directory stands for every node below it. InvalidArgument for what is no
// device. The default nodes (null, zero, ...) and their rules are the runtime's.
Result<DeviceSet> ResolveDevices(const std::vector<ContainerDevice>& devices);

// Every node of the host's /dev but terminals and what containers have of their own, and a rule
// that allows all.
Result<DeviceSet> AllDevices();

}  // namespace onggi
