// InMountedRootfs: mounts what a snapshotter answered, the way a container would see it, and looks
// inside.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "snapshotter/snapshotter.h"

namespace onggi::testing {

// Forks; the child makes a mount namespace of its own, mounts MOUNT, calls LOOK with the directory
// it is mounted at, and sends what it returned. Nothing is left mounted anywhere. Needs root.
Result<std::string> InMountedRootfs(
    const RootfsMount& mount, const std::function<std::string(const std::string& root)>& look);

}  // namespace onggi::testing
