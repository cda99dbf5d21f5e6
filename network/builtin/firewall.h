// Firewall: the nftables rules of one bridge, in a table of its own (inet onggi-BRIDGE):
//
//   masquerade   what leaves the subnets for elsewhere; what comes back to the bridge by a host
//   port; localhost ports        map of protocol and host port to pod address and port addresses
//   the same for one host address
//
// Host ports match local destinations only (CVE-2025-67499). A pod without host ports changes
// nothing here. Thread-safety: any thread. Blocks for the kernel.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "network/builtin/netlink.h"
#include "network/builtin/nft.h"
#include "network/network.h"

namespace onggi {

class Firewall {
 public:
  // Makes the table and its rules when this process has not yet. MASQUERADED: subnets, may be
  // empty.
  Result<> Prepare(const std::string& bridge, const std::vector<IpAddress>& masqueraded);

  // All of MAPPINGS with a host port, in one transaction. AlreadyExists-like failures name the
  // port.
  Result<> AddPorts(const std::string& bridge, const std::vector<PortMapping>& mappings,
                    const std::vector<IpAddress>& pod_ips);
  // Absent ones are fine.
  Result<> RemovePorts(const std::string& bridge, const std::vector<PortMapping>& mappings,
                       const std::vector<IpAddress>& pod_ips);

 private:
  Nft nft_;
  Mutex mutex_;
  std::set<std::string> prepared_ GUARDED_BY(mutex_);
};

}  // namespace onggi
