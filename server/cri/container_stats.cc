#include "server/cri/convert_stats.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::ContainerStats(grpc::ServerContext* context,
                                               const cri::ContainerStatsRequest* request,
                                               cri::ContainerStatsResponse* response) {
  return Serve({node_, context, "ContainerStats", request->container_id(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(onggi::ContainerStats stats,
                            node_.engine.StatsOf(request->container_id()));
                 ContainerStatsToCri(stats, response->mutable_stats());
                 return Ok();
               });
}

}  // namespace onggi
