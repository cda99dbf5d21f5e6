#include "network/builtin/host_side.h"

#include <fcntl.h>

#include <cctype>
#include <cstdio>
#include <filesystem>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

// FNV-1a: the same in every build and on every machine, unlike std::hash.
uint32_t Fold(const std::string& text) {
  uint32_t hash = 2166136261;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  return hash;
}

std::string Hex(uint32_t number) {
  char text[9];
  (void)snprintf(text, sizeof text, "%08x", number);
  return text;
}

}  // namespace

bool IsLinkName(const std::string& name) {
  if (name.empty() || name.size() > 15 || name == "." || name == "..") return false;
  for (char c : name) {
    if (isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-' && c != '.')
      return false;
  }
  return true;
}

std::string HostInterface(const std::string& pod_id) {
  return "og" + pod_id.substr(0, 13);
}

std::string MacFor(const std::string& prefix, const std::string& seed) {
  std::string hex = Hex(Fold(seed));
  return prefix + ":" + hex.substr(0, 2) + ":" + hex.substr(2, 2) + ":" + hex.substr(4, 2) + ":" +
         hex.substr(6, 2);
}

Result<BridgeConfig> ParseBridgeConfig(const Json& config) {
  BridgeConfig bridge;
  TRY_ASSIGN(bridge.network, JsonString(config, "name"));
  TRY_ASSIGN(bridge.bridge, JsonString(config, "bridge", "cni0"));
  if (!IsLinkName(bridge.bridge)) {
    return InvalidArgument("bridge: an interface name has 1 to 15 letters, digits, '.', '_' or " +
                           std::string("'-', found ") + Quote(bridge.bridge));
  }
  TRY_ASSIGN(bridge.is_gateway, JsonBool(config, "isGateway"));
  TRY_ASSIGN(bridge.is_default_gateway, JsonBool(config, "isDefaultGateway"));
  TRY_ASSIGN(bridge.masquerade, JsonBool(config, "ipMasq"));
  TRY_ASSIGN(bridge.hairpin, JsonBool(config, "hairpinMode"));
  TRY_ASSIGN(bridge.promiscuous, JsonBool(config, "promiscMode"));
  if (bridge.hairpin && bridge.promiscuous)
    return InvalidArgument("hairpinMode and promiscMode exclude each other");
  TRY_ASSIGN(int64_t mtu, JsonInt(config, "mtu"));
  if (mtu != 0 && (mtu < 68 || mtu > 65535))
    return InvalidArgument("mtu: expected 68 to 65535, found " + std::to_string(mtu));
  bridge.mtu = static_cast<int>(mtu);
  bridge.is_gateway = bridge.is_gateway || bridge.is_default_gateway;
  TRY_ASSIGN(bridge.ipam, ParseIpam(JsonMember(config, "ipam")));
  return bridge;
}

Firewall::Network FirewallNetwork(const BridgeConfig& config) {
  Firewall::Network network{.bridge = config.bridge, .masquerade = config.masquerade};
  std::set<std::string> seen;
  for (const RangeSet& set : config.ipam.sets) {
    for (const AddressRange& range : set) {
      if (seen.insert(range.subnet.WithPrefix()).second) network.subnets.push_back(range.subnet);
    }
  }
  return network;
}

HostSide::HostSide(const std::string& state_dir)
    : leases_dir_(state_dir + "/addresses"),
      group_((Fold(state_dir) & 0x7fffffff) | 0x40000000),
      firewall_("onggi-" + Hex(Fold(state_dir))) {}

Result<Netlink*> HostSide::Socket() {
  if (!netlink_) {
    TRY_ASSIGN(Netlink socket, Netlink::Open());
    netlink_ = std::make_unique<Netlink>(std::move(socket));
  }
  return netlink_.get();
}

Result<Link> HostSide::MakeBridge(const BridgeConfig& config) {
  TRY_ASSIGN(Netlink * netlink, Socket());
  TRY(netlink->AddBridge({.name = config.bridge,
                          .mac = MacFor("0a:59", leases_dir_ + config.bridge),
                          .mtu = config.mtu,
                          .group = group_,
                          .promiscuous = config.promiscuous}));
  TRY_ASSIGN(Link link, netlink->GetLink(config.bridge));
  if (link.kind != "bridge")
    return FailedPrecondition("interface " + config.bridge + " is no bridge");
  // What pods say about routes does not concern the host (CVE-2020-13401). No IPv6, no such file.
  (void)WriteExisting(AT_FDCWD, "/proc/sys/net/ipv6/conf/" + config.bridge + "/accept_ra", "0");
  if (config.is_gateway) {
    for (const RangeSet& set : config.ipam.sets) {
      for (const AddressRange& range : set) TRY(netlink->AddAddress(link.index, range.gateway));
    }
  }
  TRY(netlink->SetUp(link.index));
  return link;
}

Result<int> HostSide::EnsureBridge(const BridgeConfig& config) {
  {
    MutexLock lock(mutex_);
    TRY_ASSIGN(Netlink * netlink, Socket());
    auto known = complete_.find(config.bridge);
    if (known != complete_.end()) {
      auto link = netlink->GetLink(config.bridge);
      if (link.has_value() && link->index == known->second.index && link->is_up) {
        TRY(firewall_.Restore());
        return link->index;
      }
    }
  }
  TRY(firewall_.AddNetwork(FirewallNetwork(config)));
  MutexLock lock(mutex_);
  TRY_ASSIGN(Link link, MakeBridge(config));
  complete_[config.bridge] = link;
  return link.index;
}

Result<> HostSide::AddVeth(Netlink::Veth veth, bool hairpin) {
  MutexLock lock(mutex_);
  TRY_ASSIGN(Netlink * netlink, Socket());
  veth.group = group_;
  auto added = netlink->AddVeth(veth);
  if (!added.has_value() && added.error().sys_errno() == EEXIST) {
    // Left by an attempt that died; the name is this pod's alone.
    TRY(netlink->DeleteLink(veth.host_name));
    added = netlink->AddVeth(veth);
  }
  if (added.has_value() && hairpin) return netlink->SetHairpin(veth.host_name);
  return added;
}

Result<> HostSide::DeleteLink(const std::string& name) {
  MutexLock lock(mutex_);
  TRY_ASSIGN(Netlink * netlink, Socket());
  return netlink->DeleteLink(name);
}

Result<Link> HostSide::GetLink(const std::string& name) {
  MutexLock lock(mutex_);
  TRY_ASSIGN(Netlink * netlink, Socket());
  return netlink->GetLink(name);
}

std::string HostSide::BridgeMac(const std::string& bridge) {
  MutexLock lock(mutex_);
  auto at = complete_.find(bridge);
  return at == complete_.end() ? "" : at->second.mac;
}

std::string HostSide::DeviceTo(const IpAddress& address) {
  MutexLock lock(mutex_);
  auto netlink = Socket();
  if (!netlink.has_value()) return "";
  auto index = (*netlink)->RouteInterface(address);
  if (!index.has_value()) return "";
  auto link = (*netlink)->GetLink(*index);
  return link.has_value() && IsLinkName(link->name) ? link->name : "";
}

HostLocal& HostSide::Pool(const std::string& data_dir, const std::string& network) {
  std::string directory = (data_dir.empty() ? leases_dir_ : data_dir) + "/" + network;
  MutexLock lock(pools_mutex_);
  auto& pool = pools_[directory];
  if (!pool) pool = std::make_unique<HostLocal>(directory);
  return *pool;
}

// BRIDGES: those that stay, because a port or somebody else holds them.
Result<> HostSide::DeleteStrangers(const std::set<std::string>& pod_ids,
                                   std::set<std::string>& bridges) {
  std::set<std::string> wanted;
  for (const std::string& pod_id : pod_ids) wanted.insert(HostInterface(pod_id));
  MutexLock lock(mutex_);
  TRY_ASSIGN(Netlink * netlink, Socket());
  TRY_ASSIGN(std::vector<Link> links, netlink->Links());
  std::set<int> with_ports;
  for (const Link& link : links) {
    bool ours = link.group == group_ && link.kind == "veth";
    if (ours && wanted.count(link.name) == 0) {
      TRY(netlink->DeleteLink(link.name));
    } else {
      with_ports.insert(link.master);
    }
  }
  for (const Link& link : links) {
    if (link.kind != "bridge") continue;
    if (link.group == group_ && with_ports.count(link.index) == 0) {
      TRY(netlink->DeleteLink(link.name));
      complete_.erase(link.name);
    } else if (with_ports.count(link.index) > 0) {
      bridges.insert(link.name);
    }
  }
  return Ok();
}

Result<> HostSide::Retain(const std::set<std::string>& pod_ids) {
  std::unique_lock<std::shared_mutex> alone(sweeping_);
  std::set<std::string> bridges;
  TRY(DeleteStrangers(pod_ids, bridges));
  TRY(firewall_.Retain(pod_ids, bridges));
  {
    // A bridge of somebody else's that has no rules now gets them again with its next pod.
    MutexLock lock(mutex_);
    std::erase_if(complete_, [&](const auto& entry) { return bridges.count(entry.first) == 0; });
  }
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(leases_dir_, error)) {
    TRY(Pool("", entry.path().filename().string()).Retain(pod_ids));
  }
  return Ok();
}

}  // namespace onggi
