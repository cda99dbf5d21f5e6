#include "server/cri/convert_pod.h"
#include "server/cri/convert_stats.h"
#include "server/cri/runtime_service.h"
#include "server/cri/stream_items.h"

namespace onggi {

grpc::Status CriRuntimeService::StreamPodSandboxStats(
    grpc::ServerContext* context, const cri::StreamPodSandboxStatsRequest* request,
    grpc::ServerWriter<cri::StreamPodSandboxStatsResponse>* writer) {
  return Serve({node_, context, "StreamPodSandboxStats", request->filter().id(), RpcKind::kRead},
               [&]() -> Result<> {
                 PodFilter filter = PodStatsFilterFromCri(request->filter());
                 std::vector<PodStats> items = node_.engine.ListPodStats(filter);
                 return StreamItems(items, *writer,
                                    [](const auto& item, cri::StreamPodSandboxStatsResponse& part) {
                                      PodStatsToCri(item, part.add_pod_sandbox_stats());
                                    });
               });
}

}  // namespace onggi
