// Firewall: the nftables rules of the built-in network, in one table of family inet that nobody
// else writes. What the table should hold is kept in memory, so that it can be written anew in one
// transaction whenever it is gone (a firewall service that flushes the ruleset) or its layout
// changed (a new network, another version of the program).
//
//   networks4/6   subnet -> chain: masquerade what leaves it, and what a host port brings back in
//   bridges       interfaces behind which pods are: loopback addresses from there are dropped
//   ports4/6      protocol, host port -> pod address, port
//   addresses4/6  the same for one host address
//
// A pod without host ports changes nothing here; one with them adds elements in one transaction.
// Thread-safety: any thread. Blocks for the kernel.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "network/builtin/nft.h"
#include "network/ip_address.h"
#include "network/network.h"

namespace onggi {

// One way in: what arrives for a host port goes to a pod's port.
struct PortRule {
  PortMapping::Protocol protocol = PortMapping::Protocol::kTcp;
  bool v6 = false;
  std::string host_ip;  // normal form; "" for every local address
  uint16_t host_port = 0;
  std::string pod_ip;
  uint16_t pod_port = 0;
};

// The rules that MAPPINGS (those with a host port) mean for a pod with POD_IPS. InvalidArgument for
// a host_ip that is no address.
Result<std::vector<PortRule>> PortRules(const std::vector<PortMapping>& mappings,
                                        const std::vector<IpAddress>& pod_ips);

class Firewall {
 public:
  explicit Firewall(std::string table) : table_(std::move(table)) {}

  struct Network {
    std::string bridge;
    std::vector<IpAddress> subnets;
    bool masquerade = false;
  };
  // FailedPrecondition when a subnet overlaps one of another bridge.
  Result<> AddNetwork(const Network& network);

  struct PodPorts {
    std::string device;  // where the pod is reached, for localhost; "" when unknown
    std::vector<PortRule> rules;
  };
  // AlreadyExists naming the port when another pod has it.
  Result<> AddPorts(const std::string& pod_id, const PodPorts& ports);
  Result<> RemovePorts(const std::string& pod_id);
  bool HasPorts(const std::string& pod_id);

  // What an earlier life of the daemon left in force: taken into account, not written.
  void Remember(const Network& network);
  void Remember(const std::string& pod_id, const PodPorts& ports);

  // Writes the table if it should be there and is not.
  Result<> Restore();
  // Forgets the ports of all other pods, and the networks of no bridge in BRIDGES; an empty table
  // goes.
  Result<> Retain(const std::set<std::string>& pod_ids, const std::set<std::string>& bridges);

 private:
  Result<> Write() REQUIRES(mutex_);
  Result<bool> IsWritten() REQUIRES(mutex_);
  Result<> CheckConflicts(const std::string& pod_id, const PodPorts& ports) REQUIRES(mutex_);
  std::set<std::string> Bridges() REQUIRES(mutex_);

  const std::string table_;
  Nft nft_;
  Mutex mutex_;
  // Whether this process has written the table: one of an earlier life may be laid out otherwise.
  bool written_ GUARDED_BY(mutex_) = false;
  std::map<std::string, Network> networks_ GUARDED_BY(mutex_);  // by bridge
  std::map<std::string, PodPorts> ports_ GUARDED_BY(mutex_);    // by pod
};

}  // namespace onggi
