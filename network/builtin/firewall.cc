#include "network/builtin/firewall.h"

#include <fcntl.h>

#include <cctype>

#include "base/file_io.h"

namespace onggi {
namespace {

// nft's identifiers are plainer than interface names.
std::string Table(const std::string& bridge) {
  std::string name = "inet onggi-";
  for (char c : bridge)
    name += isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' ? c : '_';
  return name;
}

const char* ProtocolName(PortMapping::Protocol protocol) {
  switch (protocol) {
    case PortMapping::Protocol::kUdp:
      return "udp";
    case PortMapping::Protocol::kSctp:
      return "sctp";
    default:
      return "tcp";
  }
}

// Kernel settings are written once; what is right already is left alone.
Result<> Set(const std::string& path, const std::string& value) {
  if (ReadFile(path, 64).value_or("") == value + "\n") return Ok();
  return WriteExisting(AT_FDCWD, path, value);
}

std::string Rules(const std::string& bridge, const std::vector<IpAddress>& masqueraded) {
  std::string table = Table(bridge);
  std::string out = "add table " + table + "\n";
  for (const char* family : {"4", "6"}) {
    std::string type = *family == '4' ? "ipv4_addr" : "ipv6_addr";
    out += "add map " + table + " ports" + family + " { type inet_proto . inet_service : " + type +
           " . inet_service; }\n";
    out += "add map " + table + " addresses" + family + " { type " + type +
           " . inet_proto . inet_service : " + type + " . inet_service; }\n";
  }
  out += "add chain " + table + " prerouting { type nat hook prerouting priority dstnat; }\n";
  out += "add chain " + table + " output { type nat hook output priority -100; }\n";
  out += "add chain " + table + " postrouting { type nat hook postrouting priority srcnat; }\n";
  for (const char* chain : {"prerouting", "output", "postrouting"})
    out += "flush chain " + table + " " + chain + "\n";
  for (const char* chain : {"prerouting", "output"}) {
    std::string rule = "add rule " + table + " " + chain + " fib daddr type local dnat ";
    out += rule + "ip to ip daddr . meta l4proto . th dport map @addresses4\n";
    out += rule + "ip to meta l4proto . th dport map @ports4\n";
    out += rule + "ip6 to ip6 daddr . meta l4proto . th dport map @addresses6\n";
    out += rule + "ip6 to meta l4proto . th dport map @ports6\n";
  }
  std::string rule = "add rule " + table + " postrouting ";
  for (const IpAddress& subnet : masqueraded) {
    std::string family = subnet.v6 ? "ip6" : "ip";
    std::string text = subnet.WithPrefix();
    out += rule + family + " saddr " + text + " " + family + " daddr != " + text + " " + family +
           " daddr != " + (subnet.v6 ? "ff00::/8" : "224.0.0.0/4") + " masquerade\n";
    out += rule + family + " saddr " + text + " " + family + " daddr " + text +
           " ct status dnat masquerade\n";
  }
  out += rule + "oifname \"" + bridge + "\" ip saddr 127.0.0.0/8 masquerade\n";
  return out;
}

// One element of each map that MAPPING needs for the pod's addresses of the right family.
void Elements(std::string& out, const std::string& verb, const std::string& bridge,
              const PortMapping& mapping, const std::vector<IpAddress>& pod_ips) {
  std::string ports =
      std::string(ProtocolName(mapping.protocol)) + " . " + std::to_string(mapping.host_port);
  bool host_v6 = mapping.host_ip.find(':') != std::string::npos;
  bool any = mapping.host_ip.empty() || mapping.host_ip == "0.0.0.0" || mapping.host_ip == "::";
  for (const IpAddress& ip : pod_ips) {
    if (!mapping.host_ip.empty() && host_v6 != ip.v6) continue;
    std::string map = std::string(any ? "ports" : "addresses") + (ip.v6 ? "6" : "4");
    std::string key = any ? ports : mapping.host_ip + " . " + ports;
    std::string value =
        verb == "add" ? " : " + ip.Text() + " . " + std::to_string(mapping.container_port) : "";
    out += verb + " element " + Table(bridge) + " " + map + " { " + key + value + " }\n";
  }
}

}  // namespace

Result<> Firewall::Prepare(const std::string& bridge, const std::vector<IpAddress>& masqueraded) {
  MutexLock lock(mutex_);
  if (prepared_.count(bridge) > 0) return Ok();
  TRY(Set("/proc/sys/net/ipv4/ip_forward", "1"));
  for (const IpAddress& subnet : masqueraded) {
    if (subnet.v6) TRY(Set("/proc/sys/net/ipv6/conf/all/forwarding", "1"));
  }
  // Without it the kernel drops what comes from 127.0.0.1 and goes to a pod; the rules above
  // masquerade it.
  TRY(Set("/proc/sys/net/ipv4/conf/" + bridge + "/route_localnet", "1"));
  TRY(nft_.Run(Rules(bridge, masqueraded)).Wrap("rules of " + bridge));
  prepared_.insert(bridge);
  return Ok();
}

Result<> Firewall::AddPorts(const std::string& bridge, const std::vector<PortMapping>& mappings,
                            const std::vector<IpAddress>& pod_ips) {
  std::string commands;
  for (const PortMapping& mapping : mappings) {
    if (mapping.host_port != 0) Elements(commands, "add", bridge, mapping, pod_ips);
  }
  if (commands.empty()) return Ok();
  return nft_.Run(commands).Wrap("host ports");
}

Result<> Firewall::RemovePorts(const std::string& bridge, const std::vector<PortMapping>& mappings,
                               const std::vector<IpAddress>& pod_ips) {
  for (const PortMapping& mapping : mappings) {
    if (mapping.host_port == 0) continue;
    std::string commands;
    Elements(commands, "delete", bridge, mapping, pod_ips);
    if (!commands.empty()) (void)nft_.Run(commands);  // one that is not there is as it should be
  }
  return Ok();
}

}  // namespace onggi
