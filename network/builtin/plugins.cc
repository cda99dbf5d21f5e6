#include "network/builtin/plugins.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace onggi {
namespace {

// Members that mean something to the built-in plugins, or nothing to any.
constexpr std::string_view kKnown[] = {"type",         "name",       "cniVersion",
                                       "capabilities", "args",       "runtimeConfig",
                                       "bridge",       "isGateway",  "isDefaultGateway",
                                       "forceAddress", "ipMasq",     "hairpinMode",
                                       "promiscMode",  "mtu",        "ipam",
                                       "dns",          "prevResult", "ipMasqBackend",
                                       "disableCheck", "plugins",    "cniVersions",
                                       "snat",         "backend",    "loadOnlyInlinedPlugins"};
constexpr std::string_view kKnownIpam[] = {"type",     "ranges",  "subnet", "rangeStart",
                                           "rangeEnd", "gateway", "routes", "dataDir"};
constexpr std::string_view kKnownRoute[] = {"dst", "gw"};

template <size_t N>
bool OnlyKnown(const Json& object, const std::string_view (&known)[N]) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(std::begin(known), std::end(known), key) == std::end(known)) return false;
  }
  return true;
}

}  // namespace

bool IsBuiltIn(const Json& config) {
  std::string type = JsonString(config, "type").value_or("");
  if (type == "loopback") return true;
  if ((type != "bridge" && type != "portmap") || !OnlyKnown(config, kKnown)) return false;
  if (type == "portmap") return JsonBool(config, "snat", true).value_or(false);
  const Json& ipam = JsonMember(config, "ipam");
  if (JsonString(ipam, "type").value_or("") != "host-local" || !OnlyKnown(ipam, kKnownIpam))
    return false;
  for (const Json& route : JsonMember(ipam, "routes")) {
    if (!route.is_object() || !OnlyKnown(route, kKnownRoute)) return false;
  }
  return true;
}

}  // namespace onggi
