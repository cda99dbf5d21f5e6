// Netlink: the rtnetlink(7) requests that a bridge network needs, each acknowledged by the kernel.
//
// Thread-safety: one thread at a time. Blocks for the kernel's answer. Errors are the kernel's
// errno; NotFound for an interface that is not there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "network/ip_address.h"

struct nlmsghdr;

namespace onggi {

struct LinkCounters {
  uint64_t rx_bytes = 0;
  uint64_t rx_packets = 0;
  uint64_t rx_errors = 0;
  uint64_t rx_dropped = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_packets = 0;
  uint64_t tx_errors = 0;
  uint64_t tx_dropped = 0;
};

struct Link {
  int index = 0;
  std::string name;
  std::string mac;   // "" when it has none of six bytes
  std::string kind;  // "bridge", "veth", ..., or ""
  int master = 0;    // index of the bridge it is a port of
  uint32_t group = 0;
  bool is_up = false;
  LinkCounters counters;
};

class Netlink {
 public:
  static Result<Netlink> Open();
  // FD is a NETLINK_ROUTE socket, which may be another network namespace's.
  explicit Netlink(UniqueFd fd) : fd_(std::move(fd)) {}

  Result<Link> GetLink(const std::string& name);
  Result<Link> GetLink(int index);
  Result<std::vector<Link>> Links();
  // Whether the interface INDEX has ADDRESS.
  Result<bool> HasAddress(int index, const IpAddress& address);
  // Index of the interface that packets to ADDRESS leave by.
  Result<int> RouteInterface(const IpAddress& address);

  struct Bridge {
    std::string name;
    std::string mac;  // a bridge without one of its own changes it with its ports
    int mtu = 0;      // 0: the kernel's default, for veths too
    uint32_t group = 0;
    bool promiscuous = false;
  };
  // Success when an interface of that name is there.
  Result<> AddBridge(const Bridge& bridge);

  struct Veth {
    std::string host_name;
    std::string host_mac;
    std::string peer_name;
    std::string peer_mac;
    int netns_fd = -1;  // where the peer is born
    int bridge_index = 0;
    int mtu = 0;
    uint32_t group = 0;
  };
  Result<> AddVeth(const Veth& veth);
  Result<> SetHairpin(const std::string& name);
  // Success when there is none.
  Result<> DeleteLink(const std::string& name);
  Result<> SetUp(int index);
  // Success when the address is there.
  Result<> AddAddress(int index, const IpAddress& address);
  // Success when the route is there. DESTINATION with prefix 0 is the default route.
  Result<> AddRoute(int index, const IpAddress& destination, const IpAddress& gateway);

 private:
  class Message;
  Result<> Send(Message& message);
  // EACH gets every message of the answer.
  Result<> Ask(Message& message, const std::function<void(const nlmsghdr*)>& each);
  Result<Link> AskLink(Message& message, const std::string& name);

  UniqueFd fd_;
  uint32_t sequence_ = 1;
};

}  // namespace onggi
