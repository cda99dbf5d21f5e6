// RemoveContainer: what delete and run do when a container's first process is no more.
#pragma once

#include "base/result.h"
#include "runtime/cmd/command.h"
#include "runtime/spec/spec.h"
#include "runtime/state/container_state.h"

namespace onggi {

// Kills what is left in its cgroup, removes cgroup and directory, runs the poststop hooks (a
// failing hook does not keep the container).
Result<> RemoveContainer(const ContainerState& state, const spec::Spec& spec);

// Of a create that was killed half-way: no state was written, so the cgroup is where SPEC puts it.
Result<> RemoveHalfMade(const GlobalOptions& global, const ContainerState& state,
                        const spec::Spec& spec);

}  // namespace onggi
