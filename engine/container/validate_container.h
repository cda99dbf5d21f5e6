// Everything about a ContainerConfig that can be wrong without looking at the node or the image:
// checked before anything is made. InvalidArgument names the field (as the CRI spells it), the
// value, and what is allowed.
//
// Thread-safety: free functions.
#pragma once

#include "base/result.h"
#include "engine/container/container_config.h"
#include "engine/pod/pod_config.h"

namespace onggi {

Result<> ValidateContainer(const ContainerConfig& config, const PodConfig& pod);

}  // namespace onggi
