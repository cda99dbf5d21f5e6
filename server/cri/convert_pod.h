// Pod sandboxes between CRI and engine. See convert_common.h for the rules of both directions.
//
// Thread-safety: free functions.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/pod/pod_config.h"
#include "server/cri/convert_common.h"

namespace onggi {

Result<PodConfig> PodConfigFromCri(const cri::PodSandboxConfig& from,
                                   const std::string& runtime_handler);

void PodToCri(const PodStatus& from, cri::PodSandbox* to);
void PodStatusToCri(const PodStatus& from, cri::PodSandboxStatus* to);

Result<PodFilter> PodFilterFromCri(const cri::PodSandboxFilter& from);
PodFilter PodStatsFilterFromCri(const cri::PodSandboxStatsFilter& from);

}  // namespace onggi
