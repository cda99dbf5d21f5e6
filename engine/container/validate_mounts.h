// The checks of mounts, devices and CDI names that need no look at the node.
//
// Thread-safety: free functions.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/container/container_config.h"

namespace onggi {

Result<> ValidateMounts(const ContainerConfig& config);

// "vendor.com/class=device".
bool IsCdiName(const std::string& name);

}  // namespace onggi
