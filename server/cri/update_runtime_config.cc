#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::UpdateRuntimeConfig(grpc::ServerContext* context,
                                                    const cri::UpdateRuntimeConfigRequest* request,
                                                    cri::UpdateRuntimeConfigResponse*) {
  // Pods' addresses come from the CNI configuration; kubelet only wants to be told that it was
  // heard.
  return Serve({node_, context, "UpdateRuntimeConfig",
                request->runtime_config().network_config().pod_cidr(), RpcKind::kRead},
               [] { return Ok(); });
}

}  // namespace onggi
