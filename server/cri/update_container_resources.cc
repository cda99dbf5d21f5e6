#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::UpdateContainerResources(
    grpc::ServerContext* context, const cri::UpdateContainerResourcesRequest* request,
    cri::UpdateContainerResourcesResponse*) {
  return Serve({node_, context, "UpdateContainerResources", request->container_id()}, [&] {
    return node_.engine.UpdateContainer(request->container_id(),
                                        ResourcesFromCri(request->linux()));
  });
}

}  // namespace onggi
