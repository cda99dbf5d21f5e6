#include "server/cri/convert_container.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::CreateContainer(grpc::ServerContext* context,
                                                const cri::CreateContainerRequest* request,
                                                cri::CreateContainerResponse* response) {
  return Serve({node_, context, "CreateContainer", request->pod_sandbox_id()},
               [&](const CancelToken& cancel) -> Result<> {
                 if (!request->config().has_metadata()) {
                   return InvalidArgument("config.metadata: expected a name");
                 }
                 TRY_ASSIGN(ContainerConfig config, ContainerConfigFromCri(request->config()));
                 TRY_ASSIGN(std::string id, node_.engine.CreateContainer(request->pod_sandbox_id(),
                                                                         config, cancel));
                 response->set_container_id(std::move(id));
                 return Ok();
               });
}

}  // namespace onggi
