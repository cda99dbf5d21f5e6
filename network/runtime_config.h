// What a plugin is told about a pod beside its configuration: "runtimeConfig" with the capabilities
// that the plugin declares (portMappings, cgroupPath, dns, ips, mac, aliases, bandwidth).
//
// Thread-safety: a pure function.
#pragma once

#include "base/json.h"
#include "network/conflist.h"
#include "network/network.h"

namespace onggi {

// PLUGIN, one of LIST, with the list's name and version, and with runtimeConfig for POD.
Json PluginConfig(const Conflist& list, const Json& plugin, const PodNetworkRequest& pod);

}  // namespace onggi
