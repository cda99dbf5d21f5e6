// Stats of containers and pods as CRI has them.
//
// Thread-safety: free functions.
#pragma once

#include "engine/stats/stats.h"
#include "server/cri/convert_common.h"

namespace onggi {

void ContainerStatsToCri(const ContainerStats& from, cri::ContainerStats* to);
void PodStatsToCri(const PodStats& from, cri::PodSandboxStats* to);

}  // namespace onggi
