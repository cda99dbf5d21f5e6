#include "network/runtime_config.h"

#include <limits>

namespace onggi {
namespace {

Json PortMappings(const PodNetworkRequest& pod) {
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
  return ports;
}

// The bandwidth plugin wants a burst wherever it gets a rate: as large as it takes, so that the
// rate alone decides.
Json BandwidthLimits(const Bandwidth& bandwidth) {
  constexpr uint32_t kBurst = std::numeric_limits<int32_t>::max();
  Json limits = Json::object();
  if (bandwidth.ingress_bits_per_second > 0) {
    limits["ingressRate"] = bandwidth.ingress_bits_per_second;
    limits["ingressBurst"] = kBurst;
  }
  if (bandwidth.egress_bits_per_second > 0) {
    limits["egressRate"] = bandwidth.egress_bits_per_second;
    limits["egressBurst"] = kBurst;
  }
  return limits;
}

}  // namespace

Json PluginConfig(const Conflist& list, const Json& plugin, const PodNetworkRequest& pod) {
  Json out = plugin;
  out["cniVersion"] = list.cni_version;
  out["name"] = list.name;
  const Json& capabilities = JsonMember(plugin, "capabilities");
  if (!capabilities.is_object()) return out;
  Json all;
  all["portMappings"] = PortMappings(pod);
  all["bandwidth"] = BandwidthLimits(pod.bandwidth);
  all["ips"] = pod.ips;
  if (!pod.cgroup_path.empty()) all["cgroupPath"] = pod.cgroup_path;
  if (!pod.mac.empty()) all["mac"] = pod.mac;
  if (!pod.aliases.empty()) all["aliases"][list.name] = pod.aliases;
  if (!pod.dns_servers.empty() || !pod.dns_searches.empty() || !pod.dns_options.empty()) {
    all["dns"] = {
        {"servers", pod.dns_servers}, {"searches", pod.dns_searches}, {"options", pod.dns_options}};
  }
  Json runtime = Json::object();
  for (const auto& [name, value] : all.items()) {
    if (!value.empty() && JsonBool(capabilities, name).value_or(false)) runtime[name] = value;
  }
  out.erase("capabilities");
  if (!runtime.empty()) out["runtimeConfig"] = runtime;
  return out;
}

}  // namespace onggi
