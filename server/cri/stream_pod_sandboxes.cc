#include "server/cri/convert_pod.h"
#include "server/cri/runtime_service.h"
#include "server/cri/stream_items.h"

namespace onggi {

grpc::Status CriRuntimeService::StreamPodSandboxes(
    grpc::ServerContext* context, const cri::StreamPodSandboxesRequest* request,
    grpc::ServerWriter<cri::StreamPodSandboxesResponse>* writer) {
  return Serve({node_, context, "StreamPodSandboxes", request->filter().id(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(PodFilter filter, PodFilterFromCri(request->filter()));
                 auto items = node_.engine.ListPodsShared(filter);
                 return StreamItems(items, *writer,
                                    [](const auto& item, cri::StreamPodSandboxesResponse& part) {
                                      PodToCri(*item, part.add_pod_sandboxes());
                                    });
               });
}

}  // namespace onggi
