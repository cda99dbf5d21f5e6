#include "server/cri/convert_stats.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::PodSandboxStats(grpc::ServerContext* context,
                                                const cri::PodSandboxStatsRequest* request,
                                                cri::PodSandboxStatsResponse* response) {
  return Serve({node_, context, "PodSandboxStats", request->pod_sandbox_id(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(PodStats stats, node_.engine.PodStatsOf(request->pod_sandbox_id()));
                 PodStatsToCri(stats, response->mutable_stats());
                 return Ok();
               });
}

}  // namespace onggi
