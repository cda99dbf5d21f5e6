// Mounts of a container between CRI and engine.
//
// Thread-safety: free functions.
#pragma once

#include "base/result.h"
#include "engine/container/container_config.h"
#include "server/cri/convert_common.h"

namespace onggi {

Result<ContainerMount> MountFromCri(const cri::Mount& from);
void MountToCri(const ContainerMount& from, cri::Mount* to);

}  // namespace onggi
