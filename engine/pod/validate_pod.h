// Everything about a PodConfig that can be wrong without asking the node: checked before anything
// is made. InvalidArgument names the field (as the CRI spells it), the value, and what is allowed.
//
// Thread-safety: free functions.
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "engine/pod/pod_config.h"

namespace onggi {

// HANDLERS are the names of configured runtime handlers; SYSTEMD says how cgroup_parent reads.
Result<> ValidatePod(const PodConfig& config, const std::set<std::string>& handlers, bool systemd);

}  // namespace onggi
