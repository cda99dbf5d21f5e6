#include "server/cri/convert_event.h"

#include "server/cri/convert_container.h"
#include "server/cri/convert_pod.h"

namespace onggi {
namespace {

cri::ContainerEventType TypeToCri(Event::Type type) {
  switch (type) {
    case Event::Type::kCreated:
      return cri::CONTAINER_CREATED_EVENT;
    case Event::Type::kStarted:
      return cri::CONTAINER_STARTED_EVENT;
    case Event::Type::kStopped:
      return cri::CONTAINER_STOPPED_EVENT;
    case Event::Type::kDeleted:
      return cri::CONTAINER_DELETED_EVENT;
  }
  return cri::CONTAINER_DELETED_EVENT;
}

}  // namespace

void EventToCri(const Event& from, cri::ContainerEventResponse* to) {
  to->set_container_id(from.id);
  to->set_container_event_type(TypeToCri(from.type));
  to->set_created_at(from.timestamp_ns);
  if (from.pod) PodStatusToCri(*from.pod, to->mutable_pod_sandbox_status());
  for (const ContainerStatus& container : from.containers) {
    ContainerStatusToCri(container, to->add_containers_statuses());
  }
}

}  // namespace onggi
