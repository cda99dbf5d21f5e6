#include "network/builtin/firewall.h"

#include <fcntl.h>

#include <cstdio>

#include "base/file_io.h"

namespace onggi {
namespace {

constexpr const char* kProtocols[] = {"tcp", "udp", "sctp"};

// Kernel settings are written once; what is right already is left alone.
Result<> Set(const std::string& path, const std::string& value) {
  if (ReadFile(path, 64).value_or("") == value + "\n") return Ok();
  return WriteExisting(AT_FDCWD, path, value);
}

const char* Family(bool v6) {
  return v6 ? "ip6" : "ip";
}

// "net_0ae70100_24": identifiers of nft take no colon.
std::string ChainOf(const IpAddress& subnet) {
  std::string name = "net_";
  for (size_t i = 0; i < subnet.size(); ++i) {
    char hex[3];
    (void)snprintf(hex, sizeof hex, "%02x", subnet.bytes[i]);
    name += hex;
  }
  return name + "_" + std::to_string(subnet.prefix);
}

std::string ElementKey(const PortRule& rule) {
  std::string key = kProtocols[static_cast<size_t>(rule.protocol)];
  key += " . " + std::to_string(rule.host_port);
  return rule.host_ip.empty() ? key : rule.host_ip + " . " + key;
}

std::string Element(const std::string& table, const char* verb, const PortRule& rule) {
  std::string map =
      std::string(rule.host_ip.empty() ? "ports" : "addresses") + (rule.v6 ? "6" : "4");
  return std::string(verb) + " element inet " + table + " " + map + " { " + ElementKey(rule) +
         " : " + rule.pod_ip + " . " + std::to_string(rule.pod_port) + " }\n";
}

using Networks = std::map<std::string, Firewall::Network>;

// The chains come first and the elements that jump to them within the map's own definition: an
// element added by a command of its own does not see a chain of the same transaction.
void AppendNetworkMap(std::string& out, const std::string& table, const Networks& networks,
                      bool v6) {
  std::string elements;
  for (const auto& [bridge, network] : networks) {
    for (const IpAddress& subnet : network.subnets) {
      if (subnet.v6 != v6) continue;
      out += "add chain inet " + table + " " + ChainOf(subnet) + "\n";
      elements +=
          (elements.empty() ? "" : ", ") + subnet.WithPrefix() + " : jump " + ChainOf(subnet);
    }
  }
  out += "add map inet " + table + " networks" + (v6 ? "6" : "4") + " { type " +
         (v6 ? "ipv6_addr" : "ipv4_addr") + " : verdict; flags interval; ";
  if (!elements.empty()) out += "elements = { " + elements + " }; ";
  out += "}\n";
}

void AppendMaps(std::string& out, const std::string& table, const Networks& networks) {
  out += "add set inet " + table + " bridges { type ifname; }\n";
  for (bool v6 : {false, true}) {
    AppendNetworkMap(out, table, networks, v6);
    std::string type = v6 ? "ipv6_addr" : "ipv4_addr";
    std::string number = v6 ? "6" : "4";
    std::string map = "add map inet " + table + " ";
    out += map + "ports" + number + " { type inet_proto . inet_service : " + type +
           " . inet_service; }\n";
    out += map + "addresses" + number + " { type " + type +
           " . inet_proto . inet_service : " + type + " . inet_service; }\n";
  }
}

struct Rule {
  const char* chain;
  const char* text;
};

void AppendChains(std::string& out, const std::string& table) {
  static constexpr Rule kChains[] = {
      {"guard", "{ type filter hook prerouting priority raw; }"},
      {"host_ports", ""},
      // After the rules of Services (CVE-2019-9946): theirs decide first.
      {"prerouting", "{ type nat hook prerouting priority -99; }"},
      {"output", "{ type nat hook output priority -99; }"},
      {"postrouting", "{ type nat hook postrouting priority srcnat; }"},
  };
  static constexpr Rule kRules[] = {
      // Host ports on 127.0.0.1 need route_localnet, which alone would open the host's loopback
      // services to pods (CVE-2020-8558).
      {"guard", "iifname @bridges ip daddr 127.0.0.0/8 drop"},
      {"guard", "iifname @bridges ip saddr 127.0.0.0/8 drop"},
      {"host_ports",
       "meta nfproto ipv4 dnat ip to ip daddr . meta l4proto . th dport map "
       "@addresses4"},
      {"host_ports", "meta nfproto ipv4 dnat ip to meta l4proto . th dport map @ports4"},
      {"host_ports",
       "meta nfproto ipv6 dnat ip6 to ip6 daddr . meta l4proto . th dport map "
       "@addresses6"},
      {"host_ports", "meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @ports6"},
      // Local destinations only: traffic in transit to the same port is not ours (CVE-2025-67499).
      {"prerouting", "fib daddr type local jump host_ports"},
      // The kernel has no route_localnet for ::1: refusing at once lets clients try 127.0.0.1.
      {"output", "ip6 daddr ::1 return"},
      {"output", "fib daddr type local jump host_ports"},
      {"postrouting", "ip saddr 127.0.0.0/8 oifname @bridges masquerade"},
      {"postrouting", "ip saddr vmap @networks4"},
      {"postrouting", "ip6 saddr vmap @networks6"},
  };
  for (const Rule& chain : kChains)
    out += "add chain inet " + table + " " + chain.chain + " " + chain.text + "\n";
  for (const Rule& rule : kRules)
    out += "add rule inet " + table + " " + rule.chain + " " + rule.text + "\n";
}

void AppendNetworkRules(std::string& out, const std::string& table,
                        const Firewall::Network& network) {
  for (const IpAddress& subnet : network.subnets) {
    std::string chain = ChainOf(subnet);
    std::string rule = "add rule inet " + table + " " + chain + " ";
    std::string to = std::string(Family(subnet.v6)) + " daddr ";
    // The answer to a host port must come back through the host, not directly over the bridge.
    out += rule + to + subnet.WithPrefix() + " ct status dnat masquerade\n";
    if (!network.masquerade) continue;
    out += rule + to + subnet.WithPrefix() + " return\n";
    out += rule + to + (subnet.v6 ? "ff00::/8" : "224.0.0.0/4") + " return\n";
    out += rule + "masquerade\n";
  }
}

bool Overlap(const IpAddress& a, const IpAddress& b) {
  return a.Contains(b.First()) || b.Contains(a.First());
}

}  // namespace

Result<std::vector<PortRule>> PortRules(const std::vector<PortMapping>& mappings,
                                        const std::vector<IpAddress>& pod_ips) {
  std::vector<PortRule> rules;
  for (const PortMapping& mapping : mappings) {
    if (mapping.host_port == 0) continue;
    bool either = mapping.host_ip.empty();
    IpAddress host;
    if (!either) {
      auto parsed = ParseIpAddress(mapping.host_ip);
      if (!parsed.has_value()) return std::move(parsed).error().Wrap("host_ip");
      host = *parsed;
    }
    bool unspecified = host.SameAs(IpAddress{.v6 = host.v6});
    for (const IpAddress& ip : pod_ips) {
      if (!either && host.v6 != ip.v6) continue;
      rules.push_back({.protocol = mapping.protocol,
                       .v6 = ip.v6,
                       .host_ip = unspecified ? "" : host.Text(),
                       .host_port = mapping.host_port,
                       .pod_ip = ip.Text(),
                       .pod_port = mapping.container_port});
    }
  }
  return rules;
}

std::set<std::string> Firewall::Bridges() {
  std::set<std::string> bridges;
  for (const auto& [bridge, network] : networks_) bridges.insert(bridge);
  for (const auto& [pod_id, ports] : ports_) {
    if (!ports.device.empty()) bridges.insert(ports.device);
  }
  return bridges;
}

Result<> Firewall::Write() {
  std::string out = "add table inet " + table_ + "\ndelete table inet " + table_ + "\n";
  written_ = !networks_.empty() || !ports_.empty();
  if (written_) {
    out += "add table inet " + table_ + "\n";
    AppendMaps(out, table_, networks_);
    AppendChains(out, table_);
    for (const std::string& bridge : Bridges())
      out += "add element inet " + table_ + " bridges { \"" + bridge + "\" }\n";
    for (const auto& [bridge, network] : networks_) AppendNetworkRules(out, table_, network);
    for (const auto& [pod_id, ports] : ports_) {
      for (const PortRule& rule : ports.rules) out += Element(table_, "add", rule);
    }
  }
  auto ran = nft_.Run(out);
  if (!ran.has_value()) written_ = false;
  return ran;
}

Result<bool> Firewall::IsWritten() {
  if (!written_) return false;
  return nft_.HasTable(table_);
}

Result<> Firewall::AddNetwork(const Network& network) {
  MutexLock lock(mutex_);
  for (const auto& [bridge, other] : networks_) {
    if (bridge == network.bridge) continue;
    for (const IpAddress& a : network.subnets) {
      for (const IpAddress& b : other.subnets) {
        if (!Overlap(a, b)) continue;
        return FailedPrecondition("subnet " + a.WithPrefix() + " of bridge " + network.bridge +
                                  " overlaps " + b.WithPrefix() + " of bridge " + bridge);
      }
    }
  }
  TRY(Set("/proc/sys/net/ipv4/ip_forward", "1"));
  for (const IpAddress& subnet : network.subnets) {
    if (subnet.v6) TRY(Set("/proc/sys/net/ipv6/conf/all/forwarding", "1"));
  }
  networks_[network.bridge] = network;
  return Write().Wrap("rules of " + network.bridge);
}

Result<> Firewall::CheckConflicts(const std::string& pod_id, const PodPorts& ports) {
  std::map<std::pair<bool, std::string>, std::string> taken;
  for (const auto& [other, theirs] : ports_) {
    if (other == pod_id) continue;
    for (const PortRule& rule : theirs.rules) taken[{rule.v6, ElementKey(rule)}] = other;
  }
  for (const PortRule& rule : ports.rules) {
    auto [at, fresh] = taken.insert({{rule.v6, ElementKey(rule)}, pod_id});
    if (fresh) continue;
    return AlreadyExists(
        "host port " + std::to_string(rule.host_port) + "/" +
        kProtocols[static_cast<size_t>(rule.protocol)] +
        (rule.host_ip.empty() ? "" : " of " + rule.host_ip) +
        (at->second == pod_id ? " is asked for twice" : " belongs to pod " + at->second));
  }
  return Ok();
}

Result<> Firewall::AddPorts(const std::string& pod_id, const PodPorts& ports) {
  if (ports.rules.empty()) return Ok();
  MutexLock lock(mutex_);
  TRY(CheckConflicts(pod_id, ports));
  bool known_device = ports.device.empty() || Bridges().count(ports.device) > 0;
  TRY_ASSIGN(bool is_written, IsWritten());
  bool again = ports_.count(pod_id) > 0;
  ports_[pod_id] = ports;
  Result<> added = Ok();
  if (is_written && known_device && !again) {
    std::string commands;
    for (const PortRule& rule : ports.rules) commands += Element(table_, "add", rule);
    added = nft_.Run(commands);
  } else {
    added = Write();
  }
  if (added.has_value() && !ports.device.empty()) {
    // Without it the kernel drops what comes from 127.0.0.1 and leaves by a real interface.
    added = Set("/proc/sys/net/ipv4/conf/" + ports.device + "/route_localnet", "1");
  }
  return std::move(added).Wrap("host ports");
}

Result<> Firewall::RemovePorts(const std::string& pod_id) {
  MutexLock lock(mutex_);
  auto at = ports_.find(pod_id);
  if (at == ports_.end()) return Ok();
  std::string commands;
  for (const PortRule& rule : at->second.rules) {
    // Adding first makes the delete succeed whether it is there or not.
    commands += Element(table_, "add", rule) + Element(table_, "delete", rule);
  }
  ports_.erase(at);
  TRY_ASSIGN(bool is_written, IsWritten());
  if (is_written && nft_.Run(commands).has_value()) return Ok();
  return Write().Wrap("host ports");
}

bool Firewall::HasPorts(const std::string& pod_id) {
  MutexLock lock(mutex_);
  return ports_.count(pod_id) > 0 && IsWritten().value_or(false);
}

void Firewall::Remember(const Network& network) {
  MutexLock lock(mutex_);
  networks_.insert({network.bridge, network});
}

void Firewall::Remember(const std::string& pod_id, const PodPorts& ports) {
  MutexLock lock(mutex_);
  if (!ports.rules.empty()) ports_.insert({pod_id, ports});
}

Result<> Firewall::Restore() {
  MutexLock lock(mutex_);
  if (networks_.empty() && ports_.empty()) return Ok();
  TRY_ASSIGN(bool is_written, IsWritten());
  return is_written ? Ok() : Write();
}

Result<> Firewall::Retain(const std::set<std::string>& pod_ids,
                          const std::set<std::string>& bridges) {
  MutexLock lock(mutex_);
  size_t before = networks_.size() + ports_.size();
  std::erase_if(ports_, [&](const auto& entry) { return pod_ids.count(entry.first) == 0; });
  std::erase_if(networks_, [&](const auto& entry) { return bridges.count(entry.first) == 0; });
  TRY_ASSIGN(bool has_table, nft_.HasTable(table_));
  bool wanted = !networks_.empty() || !ports_.empty();
  if (networks_.size() + ports_.size() == before && has_table == wanted) return Ok();
  return Write();
}

}  // namespace onggi
