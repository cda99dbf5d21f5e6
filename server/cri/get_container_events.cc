#include "server/cri/convert_event.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::GetContainerEvents(
    grpc::ServerContext* context, const cri::GetEventsRequest*,
    grpc::ServerWriter<cri::ContainerEventResponse>* writer) {
  return Serve({node_, context, "GetContainerEvents", "", RpcKind::kRead},
               [&](const CancelToken& cancel) -> Result<> {
                 // Headers now: the caller learns that from here on it misses nothing.
                 auto subscription = node_.engine.events().Subscribe();
                 writer->SendInitialMetadata();
                 while (auto event = subscription->Next(cancel)) {
                   cri::ContainerEventResponse message;
                   EventToCri(*event, &message);
                   if (!writer->Write(message)) break;  // the client has gone
                 }
                 return Ok();
               });
}

}  // namespace onggi
