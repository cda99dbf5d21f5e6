#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::ReopenContainerLog(grpc::ServerContext* context,
                                                   const cri::ReopenContainerLogRequest* request,
                                                   cri::ReopenContainerLogResponse*) {
  return Serve({node_, context, "ReopenContainerLog", request->container_id()},
               [&] { return node_.engine.ReopenLog(request->container_id()); });
}

}  // namespace onggi
