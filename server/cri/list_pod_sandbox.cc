#include "server/cri/convert_pod.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::ListPodSandbox(grpc::ServerContext* context,
                                               const cri::ListPodSandboxRequest* request,
                                               cri::ListPodSandboxResponse* response) {
  return Serve({node_, context, "ListPodSandbox", request->filter().id(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(PodFilter filter, PodFilterFromCri(request->filter()));
                 auto pods = node_.engine.ListPodsShared(filter);
                 response->mutable_items()->Reserve(static_cast<int>(pods.size()));
                 for (const auto& pod : pods) PodToCri(*pod, response->add_items());
                 return Ok();
               });
}

}  // namespace onggi
