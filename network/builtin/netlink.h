// Netlink: the rtnetlink(7) requests that a bridge network needs, each acknowledged by the kernel.
//
// Thread-safety: one thread at a time. Blocks for the kernel's answer. Errors are the kernel's
// errno; NotFound for an interface that is not there.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

struct IpAddress {
  bool v6 = false;
  unsigned char bytes[16] = {};
  int prefix = 0;  // length of the network part

  size_t size() const { return v6 ? 16 : 4; }
  std::string Text() const;        // "10.0.0.2"
  std::string WithPrefix() const;  // "10.0.0.2/24"
};
// "10.0.0.2", "10.0.0.2/24" or IPv6; InvalidArgument for anything else.
Result<IpAddress> ParseIpAddress(const std::string& text);

class Netlink {
 public:
  static Result<Netlink> Open();
  static Result<Netlink> OpenIn(const std::string& netns_path);

  Result<int> LinkIndex(const std::string& name);
  Result<std::string> LinkMac(const std::string& name);
  // Success when a bridge of that name is there.
  Result<> AddBridge(const std::string& name, int mtu);

  struct Veth {
    std::string host_name;
    std::string peer_name;
    int netns_fd = -1;  // where the peer is born
    int bridge_index = 0;
    int mtu = 0;  // 0: the kernel's default
    bool hairpin = false;
  };
  Result<> AddVeth(const Veth& veth);
  // Success when there is none.
  Result<> DeleteLink(const std::string& name);
  Result<> SetUp(int index);
  // Success when the address is there.
  Result<> AddAddress(int index, const IpAddress& address);
  // Success when the route is there. DESTINATION with prefix 0 is the default route.
  Result<> AddRoute(int index, const IpAddress& destination, const IpAddress& gateway);

 private:
  explicit Netlink(UniqueFd fd) : fd_(std::move(fd)) {}
  class Message;
  Result<> Send(Message& message);
  // As Send, with the first reply copied out.
  Result<std::string> Ask(Message& message);

  UniqueFd fd_;
  uint32_t sequence_ = 1;
};

}  // namespace onggi
