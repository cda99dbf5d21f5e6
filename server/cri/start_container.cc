#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::StartContainer(grpc::ServerContext* context,
                                               const cri::StartContainerRequest* request,
                                               cri::StartContainerResponse*) {
  return Serve({node_, context, "StartContainer", request->container_id()},
               [&] { return node_.engine.StartContainer(request->container_id()); });
}

}  // namespace onggi
