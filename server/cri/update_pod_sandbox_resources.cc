#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::UpdatePodSandboxResources(
    grpc::ServerContext* context, const cri::UpdatePodSandboxResourcesRequest* request,
    cri::UpdatePodSandboxResourcesResponse*) {
  return Serve({node_, context, "UpdatePodSandboxResources", request->pod_sandbox_id()}, [&] {
    return node_.engine.UpdatePodResources(request->pod_sandbox_id(),
                                           ResourcesFromCri(request->overhead()),
                                           ResourcesFromCri(request->resources()));
  });
}

}  // namespace onggi
