#include "network/builtin/conntrack.h"
#include "network/builtin/plugins.h"
#include "network/cni_result.h"

namespace onggi {
namespace {

class PortmapPlugin : public Plugin {
 public:
  explicit PortmapPlugin(HostSide& host) : host_(host) {}

  Result<Json> Add(const PluginCall& call) const override {
    if (call.pod.port_mappings.empty()) return call.previous;
    if (call.previous.is_null()) return InvalidArgument("portmap can't be first in a chain");
    TRY_ASSIGN(std::vector<IpAddress> ips, AddressesOf(call.previous));
    Firewall::PodPorts ports;
    TRY_ASSIGN(ports.rules, PortRules(call.pod.port_mappings, ips));
    for (const IpAddress& ip : ips) {
      if (!ip.v6) ports.device = host_.DeviceTo(ip);
    }
    TRY(host_.firewall().AddPorts(call.pod.pod_id, ports));
    ForgetUdp(call.pod.port_mappings);
    return call.previous;
  }

  Result<> Delete(const PluginCall& call) const override {
    TRY(host_.firewall().RemovePorts(call.pod.pod_id));
    ForgetUdp(call.pod.port_mappings);
    return Ok();
  }

  Result<> Check(const PluginCall& call) const override {
    bool wanted = false;
    for (const PortMapping& mapping : call.pod.port_mappings)
      wanted = wanted || mapping.host_port != 0;
    if (!wanted || host_.firewall().HasPorts(call.pod.pod_id)) return Ok();
    return FailedPrecondition("the host ports of pod " + call.pod.pod_id + " are not mapped");
  }

  Result<> Status(const Json&) const override { return Ok(); }
  // HostSide::Retain does it for all networks at once.
  Result<> CollectGarbage(const Json&, const Attachments&) const override { return Ok(); }

 private:
  // UDP has no end of a connection: a client that keeps sending stays bound to what the port meant
  // before. Best effort: the entry ends by itself 30 s after the last packet.
  static void ForgetUdp(const std::vector<PortMapping>& mappings) {
    std::set<uint16_t> ports;
    for (const PortMapping& mapping : mappings) {
      if (mapping.protocol == PortMapping::Protocol::kUdp && mapping.host_port != 0)
        ports.insert(mapping.host_port);
    }
    if (!ports.empty()) (void)DeleteUdpConnections(ports);
  }

  HostSide& host_;
};

}  // namespace

std::unique_ptr<Plugin> MakePortmapPlugin(HostSide& host) {
  return std::make_unique<PortmapPlugin>(host);
}

}  // namespace onggi
