#include "server/cri/convert_container.h"
#include "server/cri/convert_stats.h"
#include "server/cri/runtime_service.h"
#include "server/cri/stream_items.h"

namespace onggi {

grpc::Status CriRuntimeService::StreamContainerStats(
    grpc::ServerContext* context, const cri::StreamContainerStatsRequest* request,
    grpc::ServerWriter<cri::StreamContainerStatsResponse>* writer) {
  return Serve({node_, context, "StreamContainerStats", request->filter().id(), RpcKind::kRead},
               [&]() -> Result<> {
                 ContainerFilter filter = ContainerStatsFilterFromCri(request->filter());
                 std::vector<onggi::ContainerStats> items = node_.engine.ListStats(filter);
                 return StreamItems(items, *writer,
                                    [](const auto& item, cri::StreamContainerStatsResponse& part) {
                                      ContainerStatsToCri(item, part.add_container_stats());
                                    });
               });
}

}  // namespace onggi
