// Connection tracking entries, over ctnetlink.
#pragma once

#include <cstdint>
#include <set>

#include "base/result.h"

namespace onggi {

// Deletes the entries of UDP flows, IPv4 and IPv6, that were first sent to one of PORTS.
// Thread-safety: any thread. Blocks while the kernel lists its table.
Result<> DeleteUdpConnections(const std::set<uint16_t>& ports);

}  // namespace onggi
