#include "network/builtin/netlink.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstring>

#include "base/strings.h"
#include "network/netns.h"

namespace onggi {

std::string IpAddress::Text() const {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(v6 ? AF_INET6 : AF_INET, bytes, text, sizeof text) != nullptr ? text : "";
}

std::string IpAddress::WithPrefix() const {
  return Text() + "/" + std::to_string(prefix);
}

Result<IpAddress> ParseIpAddress(const std::string& text) {
  IpAddress address;
  std::string host = text.substr(0, text.find('/'));
  address.v6 = host.find(':') != std::string::npos;
  if (inet_pton(address.v6 ? AF_INET6 : AF_INET, host.c_str(), address.bytes) != 1) {
    return InvalidArgument(Quote(text) + " is no IP address");
  }
  int most = address.v6 ? 128 : 32;
  address.prefix = most;
  if (host.size() == text.size()) return address;
  auto prefix = ParseUint(text.substr(host.size() + 1));
  if (!prefix || *prefix > static_cast<uint64_t>(most)) {
    return InvalidArgument(Quote(text) + ": the prefix length is 0 to " + std::to_string(most));
  }
  address.prefix = static_cast<int>(*prefix);
  return address;
}

// One request under construction, in a buffer of its own.
class Netlink::Message {
 public:
  Message(uint16_t type, uint16_t flags) {
    header_ = mnl_nlmsg_put_header(buffer_);
    header_->nlmsg_type = type;
    header_->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  }
  template <typename T>
  T* Extra() {
    return static_cast<T*>(mnl_nlmsg_put_extra_header(header_, sizeof(T)));
  }
  nlmsghdr* header() { return header_; }

 private:
  alignas(nlmsghdr) char buffer_[4096] = {};
  nlmsghdr* header_;
};

Result<Netlink> Netlink::Open() {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd.valid()) return SysError("socket(NETLINK_ROUTE)");
  return Netlink(std::move(fd));
}

Result<Netlink> Netlink::OpenIn(const std::string& netns_path) {
  TRY_ASSIGN(UniqueFd fd, SocketInNetns(netns_path, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  return Netlink(std::move(fd));
}

Result<std::string> Netlink::Ask(Message& message) {
  nlmsghdr* header = message.header();
  header->nlmsg_seq = ++sequence_;
  if (send(fd_.get(), header, header->nlmsg_len, 0) < 0) return SysError("send(netlink)");
  std::string reply;
  alignas(nlmsghdr) char buffer[16384];
  while (true) {
    ssize_t n = recv(fd_.get(), buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SysError("recv(netlink)");
    int left = static_cast<int>(n);
    for (auto* part = reinterpret_cast<nlmsghdr*>(buffer); mnl_nlmsg_ok(part, left);
         part = mnl_nlmsg_next(part, &left)) {
      if (part->nlmsg_seq != sequence_) continue;
      if (part->nlmsg_type != NLMSG_ERROR) {
        if (reply.empty()) reply.assign(reinterpret_cast<char*>(part), part->nlmsg_len);
        continue;
      }
      int error = -static_cast<nlmsgerr*>(mnl_nlmsg_get_payload(part))->error;
      if (error != 0) return SysError("netlink", error);
      return reply;
    }
  }
}

Result<> Netlink::Send(Message& message) {
  TRY(Ask(message));
  return Ok();
}

namespace {

Error LinkError(Error error, const std::string& name) {
  if (error.sys_errno() == ENODEV) return NotFound("no interface " + name);
  return std::move(error).Wrap("interface " + name);
}

}  // namespace

Result<int> Netlink::LinkIndex(const std::string& name) {
  Message message(RTM_GETLINK, NLM_F_ACK);
  message.Extra<ifinfomsg>();
  mnl_attr_put_strz(message.header(), IFLA_IFNAME, name.c_str());
  auto reply = Ask(message);
  if (!reply.has_value()) return LinkError(std::move(reply).error(), name);
  if (reply->size() < NLMSG_SPACE(sizeof(ifinfomsg)))
    return Internal("netlink: no answer about " + name);
  const auto* header = reinterpret_cast<const nlmsghdr*>(reply->data());
  return static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(header))->ifi_index;
}

Result<std::string> Netlink::LinkMac(const std::string& name) {
  Message message(RTM_GETLINK, NLM_F_ACK);
  message.Extra<ifinfomsg>();
  mnl_attr_put_strz(message.header(), IFLA_IFNAME, name.c_str());
  auto reply = Ask(message);
  if (!reply.has_value()) return LinkError(std::move(reply).error(), name);
  const auto* header = reinterpret_cast<const nlmsghdr*>(reply->data());
  const auto* attribute =
      static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(header, sizeof(ifinfomsg)));
  const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(header));
  for (; mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)));
       attribute = mnl_attr_next(attribute)) {
    if (mnl_attr_get_type(attribute) != IFLA_ADDRESS || mnl_attr_get_payload_len(attribute) != 6)
      continue;
    const auto* mac = static_cast<const unsigned char*>(mnl_attr_get_payload(attribute));
    char text[18];
    (void)snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                   mac[3], mac[4], mac[5]);
    return std::string(text);
  }
  return std::string();
}

Result<> Netlink::AddBridge(const std::string& name, int mtu) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  auto* info = message.Extra<ifinfomsg>();
  info->ifi_flags = IFF_UP;
  info->ifi_change = IFF_UP;
  mnl_attr_put_strz(message.header(), IFLA_IFNAME, name.c_str());
  if (mtu > 0) mnl_attr_put_u32(message.header(), IFLA_MTU, static_cast<uint32_t>(mtu));
  nlattr* link = mnl_attr_nest_start(message.header(), IFLA_LINKINFO);
  mnl_attr_put_strz(message.header(), IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(message.header(), link);
  auto sent = Send(message);
  if (!sent.has_value() && sent.error().sys_errno() != EEXIST)
    return LinkError(std::move(sent).error(), name);
  return Ok();
}

Result<> Netlink::AddVeth(const Veth& veth) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  nlmsghdr* header = message.header();
  auto* info = message.Extra<ifinfomsg>();
  info->ifi_flags = IFF_UP;
  info->ifi_change = IFF_UP;
  mnl_attr_put_strz(header, IFLA_IFNAME, veth.host_name.c_str());
  mnl_attr_put_u32(header, IFLA_MASTER, static_cast<uint32_t>(veth.bridge_index));
  if (veth.mtu > 0) mnl_attr_put_u32(header, IFLA_MTU, static_cast<uint32_t>(veth.mtu));
  nlattr* link = mnl_attr_nest_start(header, IFLA_LINKINFO);
  mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
  nlattr* data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
  nlattr* peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
  message.Extra<ifinfomsg>();
  mnl_attr_put_strz(header, IFLA_IFNAME, veth.peer_name.c_str());
  mnl_attr_put_u32(header, IFLA_NET_NS_FD, static_cast<uint32_t>(veth.netns_fd));
  if (veth.mtu > 0) mnl_attr_put_u32(header, IFLA_MTU, static_cast<uint32_t>(veth.mtu));
  mnl_attr_nest_end(header, peer);
  mnl_attr_nest_end(header, data);
  mnl_attr_nest_end(header, link);
  auto sent = Send(message);
  if (!sent.has_value()) return LinkError(std::move(sent).error(), veth.host_name);
  if (!veth.hairpin) return Ok();
  Message port(RTM_SETLINK, NLM_F_ACK);
  auto* port_info = port.Extra<ifinfomsg>();
  port_info->ifi_family = AF_BRIDGE;
  TRY_ASSIGN(port_info->ifi_index, LinkIndex(veth.host_name));
  nlattr* attributes = mnl_attr_nest_start(port.header(), IFLA_PROTINFO | NLA_F_NESTED);
  mnl_attr_put_u8(port.header(), IFLA_BRPORT_MODE, 1);
  mnl_attr_nest_end(port.header(), attributes);
  return Send(port).Wrap("hairpin of " + veth.host_name);
}

Result<> Netlink::DeleteLink(const std::string& name) {
  Message message(RTM_DELLINK, NLM_F_ACK);
  message.Extra<ifinfomsg>();
  mnl_attr_put_strz(message.header(), IFLA_IFNAME, name.c_str());
  auto sent = Send(message);
  if (!sent.has_value() && sent.error().sys_errno() != ENODEV)
    return LinkError(std::move(sent).error(), name);
  return Ok();
}

Result<> Netlink::SetUp(int index) {
  Message message(RTM_NEWLINK, NLM_F_ACK);
  auto* info = message.Extra<ifinfomsg>();
  info->ifi_index = index;
  info->ifi_flags = IFF_UP;
  info->ifi_change = IFF_UP;
  return Send(message).Wrap("set interface up");
}

Result<> Netlink::AddAddress(int index, const IpAddress& address) {
  Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  auto* info = message.Extra<ifaddrmsg>();
  info->ifa_family = address.v6 ? AF_INET6 : AF_INET;
  info->ifa_prefixlen = static_cast<uint8_t>(address.prefix);
  info->ifa_index = static_cast<uint32_t>(index);
  // Duplicate address detection would leave the address unusable for a second (RFC 4862).
  if (address.v6) info->ifa_flags = IFA_F_NODAD;
  mnl_attr_put(message.header(), IFA_LOCAL, address.size(), address.bytes);
  mnl_attr_put(message.header(), IFA_ADDRESS, address.size(), address.bytes);
  if (!address.v6 && address.prefix < 31) {
    unsigned char broadcast[4];
    memcpy(broadcast, address.bytes, 4);
    for (int bit = address.prefix; bit < 32; ++bit)
      broadcast[bit / 8] |= static_cast<unsigned char>(0x80 >> bit % 8);
    mnl_attr_put(message.header(), IFA_BROADCAST, 4, broadcast);
  }
  auto sent = Send(message);
  if (!sent.has_value() && sent.error().sys_errno() != EEXIST) {
    return std::move(sent).error().Wrap("address " + address.WithPrefix());
  }
  return Ok();
}

Result<> Netlink::AddRoute(int index, const IpAddress& destination, const IpAddress& gateway) {
  Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  auto* info = message.Extra<rtmsg>();
  info->rtm_family = destination.v6 ? AF_INET6 : AF_INET;
  info->rtm_dst_len = static_cast<uint8_t>(destination.prefix);
  info->rtm_table = RT_TABLE_MAIN;
  info->rtm_protocol = RTPROT_STATIC;
  info->rtm_scope = RT_SCOPE_UNIVERSE;
  info->rtm_type = RTN_UNICAST;
  if (destination.prefix > 0)
    mnl_attr_put(message.header(), RTA_DST, destination.size(), destination.bytes);
  mnl_attr_put(message.header(), RTA_GATEWAY, gateway.size(), gateway.bytes);
  mnl_attr_put_u32(message.header(), RTA_OIF, static_cast<uint32_t>(index));
  auto sent = Send(message);
  if (!sent.has_value() && sent.error().sys_errno() != EEXIST) {
    return std::move(sent).error().Wrap("route " + destination.WithPrefix());
  }
  return Ok();
}

}  // namespace onggi
