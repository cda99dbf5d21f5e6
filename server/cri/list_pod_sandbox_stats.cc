#include "server/cri/convert_pod.h"
#include "server/cri/convert_stats.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::ListPodSandboxStats(grpc::ServerContext* context,
                                                    const cri::ListPodSandboxStatsRequest* request,
                                                    cri::ListPodSandboxStatsResponse* response) {
  return Serve({node_, context, "ListPodSandboxStats", request->filter().id(), RpcKind::kRead},
               [&]() -> Result<> {
                 PodFilter filter = PodStatsFilterFromCri(request->filter());
                 for (const PodStats& stats : node_.engine.ListPodStats(filter)) {
                   PodStatsToCri(stats, response->add_stats());
                 }
                 return Ok();
               });
}

}  // namespace onggi
