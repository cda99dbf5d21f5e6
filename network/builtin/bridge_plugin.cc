#include "network/builtin/bridge_plugin.h"

#include <fcntl.h>

#include "base/file_io.h"
#include "network/builtin/host_local.h"
#include "network/netns.h"

namespace onggi {
namespace {

struct BridgeConfig {
  std::string bridge;
  bool is_gateway = false;
  bool is_default_gateway = false;
  bool masquerade = false;
  bool hairpin = false;
  int mtu = 0;
};

Result<BridgeConfig> ParseBridge(const Json& config) {
  BridgeConfig bridge;
  TRY_ASSIGN(bridge.bridge, JsonString(config, "bridge", "cni0"));
  if (bridge.bridge.empty() || bridge.bridge.size() > 15 ||
      bridge.bridge.find('/') != std::string::npos) {
    return InvalidArgument("bridge: an interface name has 1 to 15 bytes, found '" + bridge.bridge +
                           "'");
  }
  TRY_ASSIGN(bridge.is_gateway, JsonBool(config, "isGateway"));
  TRY_ASSIGN(bridge.is_default_gateway, JsonBool(config, "isDefaultGateway"));
  TRY_ASSIGN(bridge.masquerade, JsonBool(config, "ipMasq"));
  TRY_ASSIGN(bridge.hairpin, JsonBool(config, "hairpinMode"));
  TRY_ASSIGN(int64_t mtu, JsonInt(config, "mtu"));
  bridge.mtu = static_cast<int>(mtu);
  bridge.is_gateway = bridge.is_gateway || bridge.is_default_gateway;
  return bridge;
}

// Interface names have 15 bytes: the first 13 digits of the pod's id are as unique as can be.
std::string HostInterface(const std::string& pod_id) {
  return "og" + pod_id.substr(0, 13);
}

// Routes that "ipam.routes" asks for, as {destination, gateway or ""}.
Result<std::vector<std::pair<std::string, std::string>>> RoutesOf(const Json& config) {
  std::vector<std::pair<std::string, std::string>> out;
  TRY_ASSIGN(Json routes, JsonArray(JsonMember(config, "ipam"), "routes"));
  for (const Json& route : routes) {
    TRY_ASSIGN(std::string destination, JsonString(route, "dst"));
    TRY_ASSIGN(std::string gateway, JsonString(route, "gw"));
    out.emplace_back(destination, gateway);
  }
  return out;
}

// Inside the pod's namespace. Router advertisements and redirects could move a pod's traffic
// (CVE-2020-13401).
Result<Netlink> OpenInside(const std::string& netns_path, bool v6) {
  std::optional<Netlink> inside;
  TRY(RunInNetns(netns_path, [&]() -> Result<> {
    for (const char* key : {"accept_ra", "accept_redirects"}) {
      if (v6)
        (void)WriteExisting(AT_FDCWD, std::string("/proc/sys/net/ipv6/conf/default/") + key,
                            "0");  // no IPv6
    }
    TRY_ASSIGN(inside, Netlink::Open());
    return Ok();
  }));
  return std::move(*inside);
}

class BridgePlugin : public Plugin {
 public:
  BridgePlugin(Firewall& firewall, std::string leases)
      : firewall_(firewall), leases_(std::move(leases)) {}

  Result<Json> Add(const PluginCall& call) const override {
    TRY_ASSIGN(BridgeConfig config, ParseBridge(call.config));
    TRY_ASSIGN(HostLocal pool, Pool(call));
    TRY_ASSIGN(Netlink host, Netlink::Open());
    TRY_ASSIGN(int bridge_index, MakeBridge(host, config, pool));
    TRY_ASSIGN(UniqueFd netns, Open(call.pod.netns_path, O_RDONLY));
    TRY_ASSIGN(std::vector<Lease> leases, pool.Allocate(call.pod.pod_id, call.interface_name));
    auto result = Connect(call, config, leases, host, {bridge_index, netns.get()});
    if (!result.has_value()) {
      (void)Delete(call);  // the first error is the one to tell
    }
    return result;
  }

  Result<> Delete(const PluginCall& call) const override {
    TRY_ASSIGN(HostLocal pool, Pool(call));
    TRY_ASSIGN(Netlink host, Netlink::Open());
    TRY(host.DeleteLink(HostInterface(call.pod.pod_id)));
    return pool.Release(call.pod.pod_id);
  }

  Result<> Check(const PluginCall& call) const override {
    TRY_ASSIGN(Netlink host, Netlink::Open());
    TRY(host.LinkIndex(HostInterface(call.pod.pod_id)));
    return Ok();
  }

 private:
  struct Ends {
    int bridge_index;
    int netns_fd;
  };

  Result<HostLocal> Pool(const PluginCall& call) const {
    TRY_ASSIGN(std::string network, JsonString(call.config, "name"));
    return HostLocal::Parse(JsonMember(call.config, "ipam"), network, leases_);
  }

  Result<int> MakeBridge(Netlink& host, const BridgeConfig& config, const HostLocal& pool) const {
    auto index = host.LinkIndex(config.bridge);
    bool fresh = !index.has_value();
    if (fresh) {
      TRY(host.AddBridge(config.bridge, config.mtu));
      index = host.LinkIndex(config.bridge);
      if (!index.has_value()) return index;
    }
    std::vector<IpAddress> masqueraded;
    for (const AddressRange& range : pool.ranges()) {
      IpAddress gateway = range.gateway;
      gateway.prefix = range.subnet.prefix;
      if (config.is_gateway && fresh) TRY(host.AddAddress(*index, gateway));
      if (config.masquerade) masqueraded.push_back(range.subnet);
    }
    TRY(firewall_.Prepare(config.bridge, masqueraded));
    return index;
  }

  Result<Json> Connect(const PluginCall& call, const BridgeConfig& config,
                       const std::vector<Lease>& leases, Netlink& host, Ends ends) const {
    std::string host_name = HostInterface(call.pod.pod_id);
    TRY(host.AddVeth({.host_name = host_name,
                      .peer_name = call.interface_name,
                      .netns_fd = ends.netns_fd,
                      .bridge_index = ends.bridge_index,
                      .mtu = config.mtu,
                      .hairpin = config.hairpin}));
    bool v6 = false;
    for (const Lease& lease : leases) v6 = v6 || lease.address.v6;
    TRY_ASSIGN(Netlink inside, OpenInside(call.pod.netns_path, v6));
    TRY_ASSIGN(int index, inside.LinkIndex(call.interface_name));
    Json ips = Json::array();
    for (const Lease& lease : leases) {
      TRY(inside.AddAddress(index, lease.address));
      ips.push_back({{"address", lease.address.WithPrefix()},
                     {"gateway", lease.gateway.Text()},
                     {"interface", 2}});
    }
    TRY(inside.SetUp(index));
    TRY_ASSIGN(Json routes, AddRoutes(call, config, leases, inside, index));
    TRY_ASSIGN(std::string pod_mac, inside.LinkMac(call.interface_name));
    TRY_ASSIGN(std::string version, JsonString(call.config, "cniVersion"));
    Json result = {
        {"cniVersion", version}, {"ips", ips}, {"routes", routes}, {"dns", Json::object()}};
    result["interfaces"] = {
        {{"name", config.bridge}},
        {{"name", host_name}},
        {{"name", call.interface_name}, {"mac", pod_mac}, {"sandbox", call.pod.netns_path}}};
    return result;
  }

  static Result<Json> AddRoutes(const PluginCall& call, const BridgeConfig& config,
                                const std::vector<Lease>& leases, Netlink& inside, int index) {
    Json routes = Json::array();
    TRY_ASSIGN(auto wanted, RoutesOf(call.config));
    for (const Lease& lease : leases) {
      if (config.is_default_gateway)
        wanted.emplace_back(lease.address.v6 ? "::/0" : "0.0.0.0/0", "");
    }
    for (const auto& [destination_text, gateway_text] : wanted) {
      TRY_ASSIGN(IpAddress destination, ParseIpAddress(destination_text));
      for (const Lease& lease : leases) {
        if (lease.address.v6 != destination.v6) continue;
        IpAddress gateway = lease.gateway;
        if (!gateway_text.empty()) {
          TRY_ASSIGN(gateway, ParseIpAddress(gateway_text));
        }
        TRY(inside.AddRoute(index, destination, gateway));
        routes.push_back({{"dst", destination_text}, {"gw", gateway.Text()}});
        break;
      }
    }
    return routes;
  }

  Firewall& firewall_;
  std::string leases_;
};

// The bridge that the plugin before made, and the pod's addresses: from its result.
Result<std::string> BridgeOf(const Json& previous) {
  TRY_ASSIGN(Json interfaces, JsonArray(previous, "interfaces"));
  if (interfaces.empty()) return InvalidArgument("portmap: no interface in the result before it");
  return JsonString(interfaces.front(), "name");
}

Result<std::vector<IpAddress>> AddressesOf(const Json& previous) {
  std::vector<IpAddress> out;
  TRY_ASSIGN(Json ips, JsonArray(previous, "ips"));
  for (const Json& ip : ips) {
    TRY_ASSIGN(std::string text, JsonString(ip, "address"));
    TRY_ASSIGN(IpAddress address, ParseIpAddress(text));
    out.push_back(address);
  }
  return out;
}

class PortmapPlugin : public Plugin {
 public:
  explicit PortmapPlugin(Firewall& firewall) : firewall_(firewall) {}

  Result<Json> Add(const PluginCall& call) const override {
    if (call.pod.port_mappings.empty()) return call.previous;
    TRY_ASSIGN(std::string bridge, BridgeOf(call.previous));
    TRY_ASSIGN(std::vector<IpAddress> ips, AddressesOf(call.previous));
    TRY(firewall_.Prepare(bridge, {}));
    TRY(firewall_.AddPorts(bridge, call.pod.port_mappings, ips));
    return call.previous;
  }
  Result<> Delete(const PluginCall& call) const override {
    if (call.pod.port_mappings.empty() || call.previous.is_null()) return Ok();
    TRY_ASSIGN(std::string bridge, BridgeOf(call.previous));
    TRY_ASSIGN(std::vector<IpAddress> ips, AddressesOf(call.previous));
    return firewall_.RemovePorts(bridge, call.pod.port_mappings, ips);
  }
  Result<> Check(const PluginCall&) const override { return Ok(); }

 private:
  Firewall& firewall_;
};

// lo is up in every pod already (cni_network.cc).
class LoopbackPlugin : public Plugin {
 public:
  Result<Json> Add(const PluginCall& call) const override { return call.previous; }
  Result<> Delete(const PluginCall&) const override { return Ok(); }
  Result<> Check(const PluginCall&) const override { return Ok(); }
};

}  // namespace

bool IsBuiltIn(const Json& config) {
  std::string type = JsonString(config, "type").value_or("");
  if (type == "portmap" || type == "loopback") return true;
  if (type != "bridge") return false;
  return JsonString(JsonMember(config, "ipam"), "type").value_or("") == "host-local" &&
         JsonInt(config, "vlan").value_or(0) == 0;
}

std::unique_ptr<Plugin> MakeBridgePlugin(Firewall& firewall, std::string default_leases) {
  return std::make_unique<BridgePlugin>(firewall, std::move(default_leases));
}
std::unique_ptr<Plugin> MakePortmapPlugin(Firewall& firewall) {
  return std::make_unique<PortmapPlugin>(firewall);
}
std::unique_ptr<Plugin> MakeLoopbackPlugin() {
  return std::make_unique<LoopbackPlugin>();
}

}  // namespace onggi
