// HostSide: the host's end of the built-in network: one netlink socket, the bridges, the firewall
// and the address pools. One for each Network.
//
// What it makes in the kernel carries its interface group, a number derived from the state
// directory, so that two daemons never sweep what is the other's ("ip link show group N").
//
// Thread-safety: any thread. Blocks for the kernel.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/mutex.h"
#include "base/result.h"
#include "network/builtin/firewall.h"
#include "network/builtin/host_local.h"
#include "network/builtin/netlink.h"

namespace onggi {

// What a plugin of type bridge is told, as far as it is built in.
struct BridgeConfig {
  std::string network;  // the conflist's name
  std::string bridge;
  bool is_gateway = false;
  bool is_default_gateway = false;
  bool masquerade = false;
  bool hairpin = false;
  bool promiscuous = false;
  int mtu = 0;
  Ipam ipam;
};
// InvalidArgument naming the member that is wrong.
Result<BridgeConfig> ParseBridgeConfig(const Json& config);
// For the firewall: the bridge's subnets.
Firewall::Network FirewallNetwork(const BridgeConfig& config);

// A link name that is safe in a file name and in nftables text: 1 to 15 of [A-Za-z0-9_.-].
bool IsLinkName(const std::string& name);
// The pod's interface on the host. Names have 15 bytes: the first 13 of the id tell pods apart.
std::string HostInterface(const std::string& pod_id);
// "PREFIX:xx:xx:xx:xx" from SEED, the same each time.
std::string MacFor(const std::string& prefix, const std::string& seed);

class HostSide {
 public:
  explicit HostSide(const std::string& state_dir);

  // Index of the bridge, which is there with its addresses and rules afterwards.
  Result<int> EnsureBridge(const BridgeConfig& config);
  Result<> AddVeth(Netlink::Veth veth, bool hairpin);
  Result<> DeleteLink(const std::string& name);
  Result<Link> GetLink(const std::string& name);
  std::string BridgeMac(const std::string& bridge);  // of one that EnsureBridge gave
  // The interface by which the host reaches ADDRESS, "" for none.
  std::string DeviceTo(const IpAddress& address);

  // DATA_DIR: "" is below the state directory.
  HostLocal& Pool(const std::string& data_dir, const std::string& network);
  Firewall& firewall() { return firewall_; }

  // Deletes interfaces, addresses, rules of all pods but POD_IDS, and bridges without ports.
  Result<> Retain(const std::set<std::string>& pod_ids);
  // Held shared while a pod is being attached, so that Retain takes no bridge from under it.
  std::shared_mutex& sweeping() { return sweeping_; }

 private:
  Result<Netlink*> Socket() REQUIRES(mutex_);
  Result<Link> MakeBridge(const BridgeConfig& config) REQUIRES(mutex_);
  Result<> DeleteStrangers(const std::set<std::string>& pod_ids, std::set<std::string>& bridges);

  const std::string leases_dir_;
  const uint32_t group_;
  Firewall firewall_;
  std::shared_mutex sweeping_;
  Mutex mutex_;
  std::unique_ptr<Netlink> netlink_ GUARDED_BY(mutex_);
  // Bridges known to be complete. One that was made again has another index.
  std::map<std::string, Link> complete_ GUARDED_BY(mutex_);
  Mutex pools_mutex_;
  std::map<std::string, std::unique_ptr<HostLocal>> pools_ GUARDED_BY(pools_mutex_);
};

}  // namespace onggi
