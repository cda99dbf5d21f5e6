#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::RemoveContainer(grpc::ServerContext* context,
                                                const cri::RemoveContainerRequest* request,
                                                cri::RemoveContainerResponse*) {
  return Serve({node_, context, "RemoveContainer", request->container_id()},
               [&] { return node_.engine.RemoveContainer(request->container_id()); });
}

}  // namespace onggi
