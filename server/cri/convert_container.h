// Containers between CRI and engine. See convert_common.h for the rules of both directions.
//
// Thread-safety: free functions.
#pragma once

#include "base/result.h"
#include "engine/container/container_config.h"
#include "server/cri/convert_common.h"

namespace onggi {

Result<ContainerConfig> ContainerConfigFromCri(const cri::ContainerConfig& from);

void ContainerToCri(const ContainerStatus& from, cri::Container* to);
void ContainerStatusToCri(const ContainerStatus& from, cri::ContainerStatus* to);

Result<ContainerFilter> ContainerFilterFromCri(const cri::ContainerFilter& from);
ContainerFilter ContainerStatsFilterFromCri(const cri::ContainerStatsFilter& from);

}  // namespace onggi
