// Events as CRI has them. Thread-safety: free functions.
#pragma once

#include "engine/events/event_bus.h"
#include "server/cri/convert_common.h"

namespace onggi {

void EventToCri(const Event& from, cri::ContainerEventResponse* to);

}  // namespace onggi
