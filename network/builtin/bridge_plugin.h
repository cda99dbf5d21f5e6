// The bridge, portmap and loopback plugins in-process: what CNI's programs of these names do from
// the same configuration, without starting any.
//
// Thread-safety: const methods from any thread. The references must outlive the plugin.
#pragma once

#include <memory>
#include <string>

#include "network/builtin/firewall.h"
#include "network/plugin.h"

namespace onggi {

// Whether CONFIG (a plugin of a conflist) is one that is built in: bridge with host-local, portmap,
// loopback.
bool IsBuiltIn(const Json& config);

// DEFAULT_LEASES: where addresses are kept when the configuration names no dataDir.
std::unique_ptr<Plugin> MakeBridgePlugin(Firewall& firewall, std::string default_leases);
std::unique_ptr<Plugin> MakePortmapPlugin(Firewall& firewall);
std::unique_ptr<Plugin> MakeLoopbackPlugin();

}  // namespace onggi
