// A container as state and list show it.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "runtime/state/container_state.h"

namespace onggi {

// The state document of the specification, with runc's additions (rootfs, created, owner).
Result<OrderedJson> ContainerView(const ContainerState& state);

// "2024-05-01T10:20:30.123456789Z".
std::string FormatTime(int64_t wall_ns);

}  // namespace onggi
