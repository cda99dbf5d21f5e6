// The bridge, portmap and loopback plugins in-process: what CNI's programs of these names do from
// the same configuration, without starting any.
//
// Thread-safety: const methods from any thread. HOST must outlive the plugin.
#pragma once

#include <memory>
#include <string>

#include "network/builtin/host_side.h"
#include "network/plugin.h"

namespace onggi {

// Whether CONFIG (a plugin of a conflist) is one that is built in: bridge with host-local, portmap
// or loopback, and no member that only the real program knows (vlan, for one).
bool IsBuiltIn(const Json& config);

std::unique_ptr<Plugin> MakeBridgePlugin(HostSide& host);
std::unique_ptr<Plugin> MakePortmapPlugin(HostSide& host);
std::unique_ptr<Plugin> MakeLoopbackPlugin();

}  // namespace onggi
