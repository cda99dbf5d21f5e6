#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::RemovePodSandbox(grpc::ServerContext* context,
                                                 const cri::RemovePodSandboxRequest* request,
                                                 cri::RemovePodSandboxResponse*) {
  return Serve({node_, context, "RemovePodSandbox", request->pod_sandbox_id()},
               [&] { return node_.engine.RemovePod(request->pod_sandbox_id()); });
}

}  // namespace onggi
