#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::StopPodSandbox(grpc::ServerContext* context,
                                               const cri::StopPodSandboxRequest* request,
                                               cri::StopPodSandboxResponse*) {
  return Serve({node_, context, "StopPodSandbox", request->pod_sandbox_id()},
               [&] { return node_.engine.StopPod(request->pod_sandbox_id()); });
}

}  // namespace onggi
