#include "server/cri/convert_container.h"
#include "server/cri/convert_stats.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::ListContainerStats(grpc::ServerContext* context,
                                                   const cri::ListContainerStatsRequest* request,
                                                   cri::ListContainerStatsResponse* response) {
  return Serve({node_, context, "ListContainerStats", request->filter().id(), RpcKind::kRead},
               [&]() -> Result<> {
                 ContainerFilter filter = ContainerStatsFilterFromCri(request->filter());
                 for (const onggi::ContainerStats& stats : node_.engine.ListStats(filter)) {
                   ContainerStatsToCri(stats, response->add_stats());
                 }
                 return Ok();
               });
}

}  // namespace onggi
