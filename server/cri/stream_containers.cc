#include "server/cri/convert_container.h"
#include "server/cri/runtime_service.h"
#include "server/cri/stream_items.h"

namespace onggi {

grpc::Status CriRuntimeService::StreamContainers(
    grpc::ServerContext* context, const cri::StreamContainersRequest* request,
    grpc::ServerWriter<cri::StreamContainersResponse>* writer) {
  return Serve({node_, context, "StreamContainers", request->filter().id(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(ContainerFilter filter, ContainerFilterFromCri(request->filter()));
                 auto items = node_.engine.ListContainersShared(filter);
                 return StreamItems(items, *writer,
                                    [](const auto& item, cri::StreamContainersResponse& part) {
                                      ContainerToCri(*item, part.add_containers());
                                    });
               });
}

}  // namespace onggi
