// Capability sets (capabilities(7)): names to bits, and the order in which they are given up.
//
// Thread-safety: values. Applying is for a single-threaded process right before execve.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi {

struct CapabilitySets {
  uint64_t bounding = 0;
  uint64_t effective = 0;
  uint64_t inheritable = 0;
  uint64_t permitted = 0;
  uint64_t ambient = 0;
};

// InvalidArgument for a name that is no capability. Those that this kernel lacks are dropped.
Result<CapabilitySets> ResolveCapabilities(const spec::Capabilities& capabilities);

// All names in the kernel's order.
std::vector<std::string> CapabilityNames();

// In this order around the change of user: bounding set while CAP_SETPCAP is held, then (after
// setresuid with "keep capabilities") the three sets and the ambient one. 0 or errno: these run
// between seccomp and execve, where nothing allocates.
int DropBoundingSet(const CapabilitySets& sets);
int ApplyCapabilities(const CapabilitySets& sets);

}  // namespace onggi
