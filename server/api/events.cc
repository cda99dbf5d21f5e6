#include <algorithm>

#include "server/api/system_service.h"

namespace onggi {
namespace {

const char* ActionOf(onggi::Event::Type type) {
  switch (type) {
    case onggi::Event::Type::kCreated:
      return "created";
    case onggi::Event::Type::kStarted:
      return "started";
    case onggi::Event::Type::kStopped:
      return "stopped";
    case onggi::Event::Type::kDeleted:
      return "deleted";
  }
  return "";
}

v1::Event ToApi(const onggi::Event& from) {
  v1::Event to;
  to.set_timestamp_ns(from.timestamp_ns);
  to.set_action(ActionOf(from.type));
  to.set_id(from.id);
  if (from.pod) to.set_pod_id(from.pod->id);
  bool is_pod = from.pod && from.pod->id == from.id;
  to.set_kind(is_pod ? "pod" : "container");
  if (is_pod) {
    to.set_name(from.pod->config.metadata.name);
    return to;
  }
  for (const ContainerStatus& container : from.containers) {
    if (container.id != from.id) continue;
    to.set_name(container.config.metadata.name);
    to.set_image(container.config.image.user_specified_image.empty()
                     ? container.config.image.image
                     : container.config.image.user_specified_image);
    to.set_exit_code(container.exit_code);
  }
  return to;
}

}  // namespace

grpc::Status SystemApi::Events(grpc::ServerContext* context, const v1::EventsRequest* request,
                               grpc::ServerWriter<v1::Event>* writer) {
  return Serve(
      {node_, context, "Events", "", RpcKind::kRead}, [&](const CancelToken& cancel) -> Result<> {
        const auto& kinds = request->kinds();
        auto subscription = node_.engine.events().Subscribe();
        writer->SendInitialMetadata();
        uint64_t told = 0;
        while (auto event = subscription->Next(cancel)) {
          v1::Event message = ToApi(*event);
          bool is_wanted =
              kinds.empty() || std::find(kinds.begin(), kinds.end(), message.kind()) != kinds.end();
          if (!is_wanted) continue;
          uint64_t dropped = subscription->dropped();
          message.set_dropped(dropped - told);
          told = dropped;
          if (!writer->Write(message)) break;  // the client has gone
        }
        return Ok();
      });
}

}  // namespace onggi
