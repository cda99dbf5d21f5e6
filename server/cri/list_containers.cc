#include "server/cri/convert_container.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::ListContainers(grpc::ServerContext* context,
                                               const cri::ListContainersRequest* request,
                                               cri::ListContainersResponse* response) {
  return Serve({node_, context, "ListContainers", request->filter().id(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(ContainerFilter filter, ContainerFilterFromCri(request->filter()));
                 auto containers = node_.engine.ListContainersShared(filter);
                 response->mutable_containers()->Reserve(static_cast<int>(containers.size()));
                 for (const auto& container : containers) {
                   ContainerToCri(*container, response->add_containers());
                 }
                 return Ok();
               });
}

}  // namespace onggi
