#include <linux/limits.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/file_io.h"
#include "base/strings.h"
#include "network/builtin/bridge_plugin.h"
#include "network/netns.h"
#include "network/result_cache.h"

namespace onggi {
namespace {

constexpr const char* kInterface = "eth0";

class CniNetwork : public Network {
 public:
  explicit CniNetwork(NetworkOptions options)
      : options_(std::move(options)), cache_(options_.state_dir + "/pods") {}

  Result<PodNetwork> Attach(const PodNetworkRequest& request) override;
  Result<> Detach(const PodNetworkRequest& request) override;
  Result<> Check(const PodNetworkRequest& request) override;
  Result<> Status() override;
  Result<> CollectGarbage(const std::vector<std::string>& valid_pod_ids) override;
  Result<> Reload() override;
  std::string Describe() override;

 private:
  Result<Conflist> Choose(const std::string& name);
  Result<std::unique_ptr<Plugin>> MakePlugin(const Json& config);
  // CONFIG with cniVersion, name and the capabilities that it declares.
  static Json PluginConfig(const Conflist& list, const Json& config, const PodNetworkRequest& pod);
  Result<Json> AddAll(const Conflist& list, const PodNetworkRequest& request);
  Result<> DeleteAll(const Conflist& list, const PodNetworkRequest& request, const Json& result);

  NetworkOptions options_;  // constant
  ResultCache cache_;
  Firewall firewall_;
};

Result<> BringLoopbackUp(const std::string& netns_path) {
  TRY_ASSIGN(Netlink inside, Netlink::OpenIn(netns_path));
  return inside.SetUp(1);  // lo is a namespace's first interface
}

Result<PodNetwork> Summarize(const Json& result) {
  PodNetwork network;
  network.interface_name = kInterface;
  network.result_json = DumpJson(result);
  TRY_ASSIGN(Json ips, JsonArray(result, "ips"));
  for (const Json& ip : ips) {
    TRY_ASSIGN(std::string text, JsonString(ip, "address"));
    TRY_ASSIGN(IpAddress address, ParseIpAddress(text));
    network.ips.push_back(address.Text());
  }
  if (network.ips.empty()) return Internal("the network gave no address");
  TRY_ASSIGN(network.dns_servers, JsonStrings(JsonMember(result, "dns"), "nameservers"));
  return network;
}

// The conflists are read anew each time: small files, and what an operator changed counts from the
// next pod on.
Result<Conflist> CniNetwork::Choose(const std::string& name) {
  std::vector<std::string> problems;
  TRY_ASSIGN(std::vector<Conflist> lists, LoadConflists(options_.conf_dir, problems));
  for (Conflist& list : lists) {
    if (name.empty() || list.name == name) return std::move(list);
  }
  if (!options_.default_conflist.empty()) {
    TRY_ASSIGN(Conflist list, ParseConflist(options_.default_conflist, ""));
    if (name.empty() || list.name == name) return list;
  }
  if (!name.empty()) return NotFound("no network " + Quote(name) + " in " + options_.conf_dir);
  std::string why = problems.empty() ? "put a conflist there" : problems.front();
  return Unavailable("no network configuration in " + options_.conf_dir + ": " + why);
}

Result<std::unique_ptr<Plugin>> CniNetwork::MakePlugin(const Json& config) {
  TRY_ASSIGN(std::string type, JsonString(config, "type"));
  if (options_.builtin && IsBuiltIn(config)) {
    if (type == "bridge") return MakeBridgePlugin(firewall_, options_.state_dir + "/addresses");
    if (type == "portmap") return MakePortmapPlugin(firewall_);
    return MakeLoopbackPlugin();
  }
  return FindExternalPlugin(type, options_.bin_dirs, options_.plugin_timeout);
}

Json CniNetwork::PluginConfig(const Conflist& list, const Json& config,
                              const PodNetworkRequest& pod) {
  Json out = config;
  out["cniVersion"] = list.cni_version;
  out["name"] = list.name;
  const Json& capabilities = JsonMember(config, "capabilities");
  auto wants = [&](const char* name) { return JsonBool(capabilities, name).value_or(false); };
  Json runtime = Json::object();
  if (wants("portMappings")) {
    static constexpr const char* kProtocols[] = {"tcp", "udp", "sctp"};
    Json ports = Json::array();
    for (const PortMapping& mapping : pod.port_mappings) {
      if (mapping.host_port == 0) continue;
      Json port = {{"hostPort", mapping.host_port},
                   {"containerPort", mapping.container_port},
                   {"protocol", kProtocols[static_cast<size_t>(mapping.protocol)]}};
      if (!mapping.host_ip.empty()) port["hostIP"] = mapping.host_ip;
      ports.push_back(port);
    }
    if (!ports.empty()) runtime["portMappings"] = ports;
  }
  if (wants("cgroupPath") && !pod.cgroup_path.empty()) runtime["cgroupPath"] = pod.cgroup_path;
  if (wants("dns")) {
    runtime["dns"] = {
        {"servers", pod.dns_servers}, {"searches", pod.dns_searches}, {"options", pod.dns_options}};
  }
  if (!runtime.empty()) out["runtimeConfig"] = runtime;
  return out;
}

Result<Json> CniNetwork::AddAll(const Conflist& list, const PodNetworkRequest& request) {
  Json result;
  for (const Json& plugin_config : list.plugins) {
    TRY(request.cancel.Check());
    TRY_ASSIGN(std::unique_ptr<Plugin> plugin, MakePlugin(plugin_config));
    Json config = PluginConfig(list, plugin_config, request);
    TRY_ASSIGN(result, plugin->Add({request, kInterface, config, result}));
  }
  return result;
}

Result<> CniNetwork::DeleteAll(const Conflist& list, const PodNetworkRequest& request,
                               const Json& result) {
  Result<> first = Ok();
  for (auto config = list.plugins.rbegin(); config != list.plugins.rend(); ++config) {
    auto plugin = MakePlugin(*config);
    Json whole = PluginConfig(list, *config, request);
    Result<> deleted = plugin.has_value() ? (*plugin)->Delete({request, kInterface, whole, result})
                                          : Result<>(std::move(plugin).error());
    if (!deleted && first) first = std::move(deleted);  // the others are undone all the same
  }
  return first;
}

Result<PodNetwork> CniNetwork::Attach(const PodNetworkRequest& request) {
  TRY_ASSIGN(Conflist list, Choose(request.network));
  TRY(cache_.Put(request, list, nullptr));
  auto attach = [&]() -> Result<PodNetwork> {
    TRY(BringLoopbackUp(request.netns_path));
    TRY_ASSIGN(Json result, AddAll(list, request));
    TRY(cache_.Put(request, list, result));
    return Summarize(result);
  };
  auto network = attach();
  if (network.has_value()) return network;
  // CNI asks for a DEL even where the ADD failed; the first error is the one to tell.
  if (DeleteAll(list, request, nullptr).has_value()) (void)cache_.Remove(request.pod_id);
  return std::move(network).error().Wrap("network " + list.name);
}

Result<> CniNetwork::Detach(const PodNetworkRequest& request) {
  TRY_ASSIGN(std::optional<CachedAttachment> cached, cache_.Get(request.pod_id));
  if (!cached) return Ok();
  PodNetworkRequest pod = std::move(cached->pod);
  pod.netns_path = request.netns_path;
  if (!pod.netns_path.empty() && !PathExists(pod.netns_path)) pod.netns_path.clear();
  TRY(DeleteAll(cached->network, pod, cached->result).Wrap("network " + cached->network.name));
  return cache_.Remove(request.pod_id);
}

Result<> CniNetwork::Check(const PodNetworkRequest& request) {
  TRY_ASSIGN(std::optional<CachedAttachment> cached, cache_.Get(request.pod_id));
  if (!cached) return NotFound("pod " + request.pod_id + " has no network");
  if (cached->network.disable_check) return Ok();
  for (const Json& plugin_config : cached->network.plugins) {
    TRY_ASSIGN(std::unique_ptr<Plugin> plugin, MakePlugin(plugin_config));
    Json config = PluginConfig(cached->network, plugin_config, request);
    TRY(plugin->Check({request, kInterface, config, cached->result}));
  }
  return Ok();
}

Result<> CniNetwork::Status() {
  TRY_ASSIGN(Conflist list, Choose(""));
  for (const Json& config : list.plugins) TRY(MakePlugin(config));
  return Ok();
}

Result<> CniNetwork::CollectGarbage(const std::vector<std::string>& valid_pod_ids) {
  std::set<std::string> valid(valid_pod_ids.begin(), valid_pod_ids.end());
  Result<> first = Ok();
  for (const std::string& id : cache_.PodIds()) {
    if (valid.count(id) > 0) continue;
    PodNetworkRequest request;
    request.pod_id = id;
    auto detached = Detach(request);
    if (!detached && first) first = std::move(detached);
  }
  return first;
}

Result<> CniNetwork::Reload() {
  return Status();
}

std::string CniNetwork::Describe() {
  auto list = Choose("");
  return list.has_value() ? DumpJson(list->whole) : "{}";
}

}  // namespace

Result<std::unique_ptr<Network>> Network::Open(NetworkOptions options) {
  TRY(MakeDirs(options.state_dir + "/pods", 0700));
  return std::unique_ptr<Network>(std::make_unique<CniNetwork>(std::move(options)));
}

}  // namespace onggi
