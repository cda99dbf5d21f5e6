#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cctype>
#include <chrono>
#include <optional>
#include <set>

#include "base/file_io.h"
#include "base/strings.h"
#include "network/builtin/plugins.h"
#include "network/cni_result.h"
#include "network/conflist_directory.h"
#include "network/netns.h"
#include "network/pod_locks.h"
#include "network/result_cache.h"
#include "network/runtime_config.h"

namespace onggi {
namespace {

constexpr const char* kInterface = "eth0";
constexpr std::chrono::seconds kStatusAge{10};

class CniNetwork : public Network {
 public:
  explicit CniNetwork(NetworkOptions options)
      : options_(std::move(options)),
        directory_(options_.conf_dir),
        cache_(options_.state_dir + "/pods"),
        host_(options_.state_dir) {}
  ~CniNetwork() override;

  Result<PodNetwork> Attach(const PodNetworkRequest& request) override;
  Result<> Detach(const PodNetworkRequest& request) override;
  Result<> Check(const PodNetworkRequest& request) override;
  Result<> Status() override;
  Result<> CollectGarbage(const std::vector<std::string>& valid_pod_ids) override;
  Result<> Reload() override;
  std::string Describe() override;

  // Takes over what an earlier life of the daemon attached.
  void Remember();

 private:
  struct LastStatus {
    std::string network;  // the conflist that was asked about
    std::chrono::steady_clock::time_point at;
    std::optional<Error> error;
  };

  Result<Conflist> Choose(const std::string& name);
  Result<std::unique_ptr<Plugin>> MakePlugin(const Json& config, bool built_in);
  Result<Json> AddAll(const CachedAttachment& attachment, PodSide& inside);
  Result<> DeleteAll(const CachedAttachment& attachment);
  Result<> DetachLocked(const PodNetworkRequest& request);
  // Of a pod whose cache file can't be read: what the built-in plugins made, found by its id.
  Result<> DeleteByName(const std::string& pod_id);
  Result<> StatusOf(const Conflist& list);
  Result<> CollectPluginGarbage(const std::vector<std::string>& pod_ids);

  const NetworkOptions options_;
  ConflistDirectory directory_;
  ResultCache cache_;
  HostSide host_;
  PodLocks pods_;
  Mutex status_mutex_;
  std::optional<LastStatus> last_status_ GUARDED_BY(status_mutex_);
};

// The id becomes a file name and an interface name, the others parts of CNI_ARGS.
Result<> CheckRequest(const PodNetworkRequest& request) {
  const std::string& id = request.pod_id;
  bool is_good = !id.empty() && id.size() <= 128 && id[0] != '.' && id[0] != '-';
  for (char c : id) {
    is_good = is_good &&
              (isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.');
  }
  if (!is_good) return InvalidArgument("pod id " + Quote(id) + " is not a plain name");
  for (const std::string& text : {request.name, request.name_space, request.uid}) {
    if (text.find_first_of(";=\n") != std::string::npos || text.find('\0') != std::string::npos)
      return InvalidArgument("pod name, namespace or uid " + Quote(text) + " has a ';' or '='");
  }
  for (const PortMapping& mapping : request.port_mappings) {
    if (mapping.host_port != 0 && mapping.container_port == 0)
      return InvalidArgument("host port " + std::to_string(mapping.host_port) +
                             ": the container port is missing");
  }
  return Ok();
}

// Enters the pod once: settings for interfaces to come, a netlink socket, lo up.
Result<PodSide> EnterPod(const std::string& netns_path) {
  // Router advertisements and redirects could move a pod's traffic (CVE-2020-13401).
  static constexpr const char* kRefused[] = {"/proc/sys/net/ipv4/conf/all/accept_redirects",
                                             "/proc/sys/net/ipv4/conf/default/accept_redirects",
                                             "/proc/sys/net/ipv6/conf/default/accept_redirects",
                                             "/proc/sys/net/ipv6/conf/default/accept_ra"};
  TRY_ASSIGN(UniqueFd netns, Open(netns_path, O_RDONLY));
  UniqueFd fd;
  TRY(RunInNetns(netns.get(), [&]() -> Result<> {
        for (const char* path : kRefused) (void)WriteExisting(AT_FDCWD, path, "0");  // or no IPv6
        fd.reset(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
        if (!fd.valid()) return SysError("socket(NETLINK_ROUTE)");
        return Ok();
      }).Wrap("network namespace " + netns_path));
  PodSide inside{std::move(netns), Netlink(std::move(fd))};
  TRY(inside.netlink.SetUp(1));  // lo is a namespace's first interface
  return inside;
}

CniNetwork::~CniNetwork() {
  // The last one out turns off the light. What can't be undone now is found again by its group.
  if (cache_.PodIds().empty()) (void)host_.Retain({});
}

Result<Conflist> CniNetwork::Choose(const std::string& name) {
  std::shared_ptr<const Conflists> lists = directory_.Get();
  for (const Conflist& list : lists->valid) {
    if (name.empty() || list.name == name) return list;
  }
  if (!options_.default_conflist.empty()) {
    TRY_ASSIGN(Conflist list, ParseConflist(options_.default_conflist, ""));
    if (name.empty() || list.name == name) return list;
  }
  if (!name.empty()) return NotFound("no network " + Quote(name) + " in " + options_.conf_dir);
  std::string why = lists->problems.empty() ? "put a conflist there" : lists->problems.front();
  return Unavailable("no network configuration in " + options_.conf_dir + ": " + why);
}

Result<std::unique_ptr<Plugin>> CniNetwork::MakePlugin(const Json& config, bool built_in) {
  TRY_ASSIGN(std::string type, JsonString(config, "type"));
  if (built_in && IsBuiltIn(config)) {
    if (type == "bridge") return MakeBridgePlugin(host_);
    if (type == "portmap") return MakePortmapPlugin(host_);
    return MakeLoopbackPlugin();
  }
  return FindExternalPlugin(type,
                            {.bin_dirs = options_.bin_dirs, .timeout = options_.plugin_timeout});
}

Result<Json> CniNetwork::AddAll(const CachedAttachment& attachment, PodSide& inside) {
  Json result;
  for (const Json& plugin_config : attachment.network.plugins) {
    TRY(attachment.pod.cancel.Check());
    TRY_ASSIGN(std::unique_ptr<Plugin> plugin, MakePlugin(plugin_config, attachment.built_in));
    Json config = PluginConfig(attachment.network, plugin_config, attachment.pod);
    PluginCall call{attachment.pod, kInterface, config, result, &inside};
    TRY_ASSIGN(Json next, plugin->Add(call));
    result = std::move(next);
  }
  return result;
}

Result<> CniNetwork::DeleteAll(const CachedAttachment& attachment) {
  const std::vector<Json>& plugins = attachment.network.plugins;
  Result<> first = Ok();
  for (auto config = plugins.rbegin(); config != plugins.rend(); ++config) {
    auto plugin = MakePlugin(*config, attachment.built_in);
    Json whole = PluginConfig(attachment.network, *config, attachment.pod);
    PluginCall call{attachment.pod, kInterface, whole, attachment.result};
    Result<> deleted =
        plugin.has_value() ? (*plugin)->Delete(call) : Result<>(std::move(plugin).error());
    if (!deleted && first) first = std::move(deleted);  // the others are undone all the same
  }
  return first;
}

Result<PodNetwork> CniNetwork::Attach(const PodNetworkRequest& request) {
  TRY(CheckRequest(request));
  PodLock lock(pods_, request.pod_id);
  CachedAttachment attachment{.built_in = options_.builtin, .pod = request};
  TRY_ASSIGN(attachment.network, Choose(request.network));
  TRY(DetachLocked(request));  // an attach that nobody heard the end of
  std::string what = "network " + attachment.network.name;
  auto inside = EnterPod(request.netns_path);
  if (!inside.has_value()) return std::move(inside).error().Wrap(what);
  // Written first: whatever happens next, what there is to undo is known.
  TRY(cache_.PutIntent(attachment));
  auto attach = [&]() -> Result<PodNetwork> {
    TRY_ASSIGN(attachment.result, AddAll(attachment, *inside));
    TRY_ASSIGN(PodNetwork network, SummarizeCniResult(attachment.result, kInterface));
    TRY(cache_.PutResult(request.pod_id, attachment.result));
    return network;
  };
  auto network = attach();
  if (network.has_value()) return network;
  // CNI asks for a DEL even where the ADD failed; the first error is the one to tell.
  if (DeleteAll(attachment).has_value()) (void)cache_.Remove(request.pod_id);
  return std::move(network).error().Wrap(what);
}

Result<> CniNetwork::DeleteByName(const std::string& pod_id) {
  TRY(host_.DeleteLink(HostInterface(pod_id)));
  TRY(host_.firewall().RemovePorts(pod_id));
  std::vector<Conflist> lists = directory_.Get()->valid;
  auto fallback = ParseConflist(options_.default_conflist, "");
  if (fallback.has_value()) lists.push_back(std::move(fallback).value());
  for (const Conflist& list : lists) {
    for (const Json& config : list.plugins) {
      auto ipam = ParseIpam(JsonMember(config, "ipam"));
      if (IsBuiltIn(config) && ipam.has_value())
        TRY(host_.Pool(ipam->data_dir, list.name).Release(pod_id));
    }
  }
  return Ok();
}

Result<> CniNetwork::DetachLocked(const PodNetworkRequest& request) {
  auto cached = cache_.Get(request.pod_id);
  if (!cached.has_value()) {
    if (cached.error().code() != Code::kInvalidArgument) return std::move(cached).error();
    TRY(DeleteByName(request.pod_id));  // a file that a power cut left half-written
    return cache_.Remove(request.pod_id);
  }
  if (!cached->has_value()) return Ok();
  CachedAttachment attachment = **std::move(cached);
  attachment.pod.netns_path = request.netns_path;
  if (!PathExists(request.netns_path)) attachment.pod.netns_path.clear();
  TRY(DeleteAll(attachment).Wrap("network " + attachment.network.name));
  return cache_.Remove(request.pod_id);
}

Result<> CniNetwork::Detach(const PodNetworkRequest& request) {
  TRY(CheckRequest(request));
  PodLock lock(pods_, request.pod_id);
  return DetachLocked(request);
}

Result<> CniNetwork::Check(const PodNetworkRequest& request) {
  TRY(CheckRequest(request));
  PodLock lock(pods_, request.pod_id);
  TRY_ASSIGN(std::optional<CachedAttachment> cached, cache_.Get(request.pod_id));
  if (!cached || cached->result.is_null())
    return NotFound("pod " + request.pod_id + " has no network");
  if (cached->network.disable_check) return Ok();
  if (!request.netns_path.empty()) cached->pod.netns_path = request.netns_path;
  TRY_ASSIGN(UniqueFd netns, onggi::Open(cached->pod.netns_path, O_RDONLY));
  TRY_ASSIGN(UniqueFd fd,
             SocketInNetns(cached->pod.netns_path, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  PodSide inside{std::move(netns), Netlink(std::move(fd))};
  for (const Json& plugin_config : cached->network.plugins) {
    TRY_ASSIGN(std::unique_ptr<Plugin> plugin, MakePlugin(plugin_config, cached->built_in));
    Json config = PluginConfig(cached->network, plugin_config, cached->pod);
    TRY(plugin->Check({cached->pod, kInterface, config, cached->result, &inside}));
  }
  return Ok();
}

Result<> CniNetwork::StatusOf(const Conflist& list) {
  for (const Json& plugin_config : list.plugins) {
    TRY_ASSIGN(std::unique_ptr<Plugin> plugin, MakePlugin(plugin_config, options_.builtin));
    TRY(plugin->Status(PluginConfig(list, plugin_config, {})));
  }
  return Ok();
}

Result<> CniNetwork::Status() {
  // Rules that a firewall service threw away come back here, and with every Attach
  // (CVE-2025-54388).
  TRY(host_.firewall().Restore());
  TRY_ASSIGN(Conflist list, Choose(""));
  std::string network = DumpJson(list.whole);
  auto now = std::chrono::steady_clock::now();
  MutexLock lock(status_mutex_);
  if (!last_status_ || last_status_->network != network || now - last_status_->at > kStatusAge) {
    auto status = StatusOf(list).Wrap("network " + list.name);
    last_status_ = LastStatus{network, std::chrono::steady_clock::now(), std::nullopt};
    if (!status.has_value()) last_status_->error = std::move(status).error();
  }
  if (last_status_->error) return last_status_->error->Clone();
  return Ok();
}

Result<> CniNetwork::CollectPluginGarbage(const std::vector<std::string>& pod_ids) {
  std::map<std::string, Plugin::Attachments> by_network;
  for (const std::string& pod_id : pod_ids) {
    auto cached = cache_.Get(pod_id);
    if (cached.has_value() && *cached)
      by_network[(*cached)->network.name].emplace_back(pod_id, kInterface);
  }
  Result<> first = Ok();
  for (const Conflist& list : directory_.Get()->valid) {
    for (const Json& plugin_config : list.plugins) {
      auto plugin = MakePlugin(plugin_config, options_.builtin);
      if (!plugin.has_value()) continue;  // Status tells
      Json config = PluginConfig(list, plugin_config, {});
      auto collected = (*plugin)->CollectGarbage(config, by_network[list.name]);
      if (!collected && first) first = std::move(collected);
    }
  }
  return first;
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
  // What is still in the cache is valid, failed to go, or is just being attached.
  std::vector<std::string> kept = cache_.PodIds();
  valid.insert(kept.begin(), kept.end());
  auto swept = host_.Retain(valid);
  if (!swept && first) first = std::move(swept);
  auto collected = CollectPluginGarbage(kept);
  if (!collected && first) first = std::move(collected);
  return first;
}

Result<> CniNetwork::Reload() {
  directory_.Reload();
  {
    MutexLock lock(status_mutex_);
    last_status_.reset();
  }
  return Status();
}

std::string CniNetwork::Describe() {
  auto list = Choose("");
  return list.has_value() ? DumpJson(list->whole) : "{}";
}

void CniNetwork::Remember() {
  for (const std::string& pod_id : cache_.PodIds()) {
    auto cached = cache_.Get(pod_id);
    if (!cached.has_value() || !*cached || !(*cached)->built_in) continue;
    const CachedAttachment& attachment = **cached;
    Firewall::PodPorts ports;
    bool has_portmap = false;
    for (const Json& plugin : attachment.network.plugins) {
      if (!IsBuiltIn(plugin)) continue;
      std::string type = JsonString(plugin, "type").value_or("");
      has_portmap = has_portmap || type == "portmap";
      if (type != "bridge") continue;
      auto config = ParseBridgeConfig(plugin);
      if (!config.has_value()) continue;
      host_.firewall().Remember(FirewallNetwork(*config));
      ports.device = config->bridge;
    }
    auto ips = AddressesOf(attachment.result);
    if (!has_portmap || !ips.has_value()) continue;
    auto rules = PortRules(attachment.pod.port_mappings, *ips);
    if (rules.has_value()) ports.rules = std::move(rules).value();
    host_.firewall().Remember(pod_id, ports);
  }
}

}  // namespace

Result<std::unique_ptr<Network>> Network::Open(NetworkOptions options) {
  TRY(MakeDirs(options.state_dir + "/pods", 0700));
  auto network = std::make_unique<CniNetwork>(std::move(options));
  network->Remember();
  return std::unique_ptr<Network>(std::move(network));
}

}  // namespace onggi
