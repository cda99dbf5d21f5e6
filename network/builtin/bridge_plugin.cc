#include <mutex>

#include "network/builtin/plugins.h"

namespace onggi {
namespace {

class BridgePlugin : public Plugin {
 public:
  explicit BridgePlugin(HostSide& host) : host_(host) {}

  Result<Json> Add(const PluginCall& call) const override;
  Result<> Delete(const PluginCall& call) const override;
  Result<> Check(const PluginCall& call) const override;
  Result<> Status(const Json& config) const override {
    TRY(ParseBridgeConfig(config));
    return Ok();
  }
  // HostSide::Retain does it for all networks at once.
  Result<> CollectGarbage(const Json&, const Attachments&) const override { return Ok(); }

 private:
  HostLocal& Pool(const BridgeConfig& config) const {
    return host_.Pool(config.ipam.data_dir, config.network);
  }

  HostSide& host_;
};

// The MAC address asked for, or one made from the address: an address used again by another pod
// finds neighbours' caches right.
Result<std::string> PodMac(const Json& config, const IpAddress& address) {
  TRY_ASSIGN(std::string mac, JsonString(JsonMember(config, "runtimeConfig"), "mac"));
  return mac.empty() ? MacFor("0a:58", address.Text()) : mac;
}

Result<Json> AddRoutes(const BridgeConfig& config, const std::vector<Lease>& leases,
                       Netlink& inside, int index) {
  Json routes = Json::array();
  for (const Ipam::Route& route : config.ipam.routes) {
    Json shown = {{"dst", route.destination}};
    if (!route.gateway.empty()) shown["gw"] = route.gateway;
    routes.push_back(shown);
  }
  for (bool v6 : {false, true}) {
    std::string anywhere = v6 ? "::/0" : "0.0.0.0/0";
    bool is_there = false;
    for (const Json& route : routes) is_there = is_there || route["dst"] == anywhere;
    if (!config.is_default_gateway || is_there) continue;
    for (const Lease& lease : leases) {
      if (lease.address.v6 != v6) continue;
      routes.push_back({{"dst", anywhere}, {"gw", lease.gateway.Text()}});
      break;
    }
  }
  for (const Json& route : routes) {
    TRY_ASSIGN(std::string destination_text, JsonString(route, "dst"));
    TRY_ASSIGN(std::string gateway_text, JsonString(route, "gw"));
    TRY_ASSIGN(IpAddress destination, ParseIpAddress(destination_text));
    for (const Lease& lease : leases) {
      if (lease.address.v6 != destination.v6) continue;
      IpAddress gateway = lease.gateway;
      if (!gateway_text.empty()) {
        TRY_ASSIGN(gateway, ParseIpAddress(gateway_text));
      }
      TRY(inside.AddRoute(index, destination, gateway));
      break;
    }
  }
  return routes;
}

// The shape that CNI's bridge gives: bridge, host's end, pod's end; addresses belong to the third.
Result<Json> MakeResult(const PluginCall& call, const std::vector<Lease>& leases) {
  TRY_ASSIGN(std::string version, JsonString(call.config, "cniVersion"));
  Json ips = Json::array();
  for (const Lease& lease : leases) {
    Json ip = {{"address", lease.address.WithPrefix()},
               {"gateway", lease.gateway.Text()},
               {"interface", 2}};
    if (version[0] == '0') ip["version"] = lease.address.v6 ? "6" : "4";  // until 1.0.0
    ips.push_back(ip);
  }
  const Json& dns = JsonMember(call.config, "dns");
  return Json{
      {"cniVersion", version}, {"ips", ips}, {"dns", dns.is_object() ? dns : Json::object()}};
}

Result<Json> BridgePlugin::Add(const PluginCall& call) const {
  TRY_ASSIGN(BridgeConfig config, ParseBridgeConfig(call.config));
  std::shared_lock<std::shared_mutex> no_sweep(host_.sweeping());
  TRY_ASSIGN(int bridge_index, host_.EnsureBridge(config));
  TRY_ASSIGN(std::vector<std::string> wanted,
             JsonStrings(JsonMember(call.config, "runtimeConfig"), "ips"));
  TRY_ASSIGN(std::vector<Lease> leases,
             Pool(config).Allocate(config.ipam.sets,
                                   {call.pod.pod_id, call.interface_name, std::move(wanted)}));
  TRY_ASSIGN(std::string pod_mac, PodMac(call.config, leases.front().address));
  Netlink::Veth veth{.host_name = HostInterface(call.pod.pod_id),
                     .host_mac = MacFor("0a:5a", call.pod.pod_id),
                     .peer_name = call.interface_name,
                     .peer_mac = pod_mac,
                     .netns_fd = call.inside->netns.get(),
                     .bridge_index = bridge_index,
                     .mtu = config.mtu};
  TRY(host_.AddVeth(veth, config.hairpin));
  Netlink& inside = call.inside->netlink;
  TRY_ASSIGN(Link link, inside.GetLink(call.interface_name));
  for (const Lease& lease : leases) TRY(inside.AddAddress(link.index, lease.address));
  TRY(inside.SetUp(link.index));
  TRY_ASSIGN(Json result, MakeResult(call, leases));
  TRY_ASSIGN(result["routes"], AddRoutes(config, leases, inside, link.index));
  result["interfaces"] = {
      {{"name", config.bridge}, {"mac", host_.BridgeMac(config.bridge)}},
      {{"name", veth.host_name}, {"mac", veth.host_mac}},
      {{"name", call.interface_name}, {"mac", link.mac}, {"sandbox", call.pod.netns_path}}};
  return result;
}

Result<> BridgePlugin::Delete(const PluginCall& call) const {
  TRY_ASSIGN(BridgeConfig config, ParseBridgeConfig(call.config));
  TRY(host_.DeleteLink(HostInterface(call.pod.pod_id)));
  return Pool(config).Release(call.pod.pod_id);
}

Result<> BridgePlugin::Check(const PluginCall& call) const {
  TRY_ASSIGN(BridgeConfig config, ParseBridgeConfig(call.config));
  TRY_ASSIGN(Link bridge, host_.GetLink(config.bridge));
  TRY_ASSIGN(Link link, host_.GetLink(HostInterface(call.pod.pod_id)));
  if (link.master != bridge.index)
    return FailedPrecondition("interface " + link.name + " is no port of " + config.bridge);
  if (!link.is_up) return FailedPrecondition("interface " + link.name + " is down");
  if (!Pool(config).Holds(call.pod.pod_id))
    return FailedPrecondition("no address is reserved for pod " + call.pod.pod_id);
  if (call.inside == nullptr) return Ok();
  TRY_ASSIGN(Link inner, call.inside->netlink.GetLink(call.interface_name));
  TRY_ASSIGN(Json ips, JsonArray(call.previous, "ips"));
  for (const Json& ip : ips) {
    TRY_ASSIGN(std::string text, JsonString(ip, "address"));
    TRY_ASSIGN(IpAddress address, ParseIpAddress(text));
    TRY_ASSIGN(bool is_there, call.inside->netlink.HasAddress(inner.index, address));
    if (!is_there)
      return FailedPrecondition("address " + text + " is missing on " + call.interface_name);
  }
  return Ok();
}

}  // namespace

std::unique_ptr<Plugin> MakeBridgePlugin(HostSide& host) {
  return std::make_unique<BridgePlugin>(host);
}

}  // namespace onggi
