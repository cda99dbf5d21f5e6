#include "server/api/container_service.h"
#include "server/api/find_container.h"
#include "server/rpc.h"

namespace onggi {

grpc::Status ContainerApi::Wait(grpc::ServerContext* context, const v1::WaitRequest* request,
                                v1::WaitResponse* response) {
  return Serve({node_, context, "Wait", request->container(), RpcKind::kRead},
               [&](const CancelToken& cancel) -> Result<> {
                 TRY_ASSIGN(ContainerStatus container,
                            FindContainer(node_.engine, request->container()));
                 TRY_ASSIGN(int code, node_.engine.WaitContainer(container.id, cancel));
                 response->set_exit_code(code);
                 return Ok();
               });
}

}  // namespace onggi
