#include "network/builtin/netlink.h"

#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "network/builtin/attributes.h"

namespace onggi {

// One request under construction, in a buffer of its own.
class Netlink::Message {
 public:
  Message(uint16_t type, int flags) {
    header_ = mnl_nlmsg_put_header(buffer_);
    header_->nlmsg_type = type;
    header_->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  }
  template <typename T>
  T* Extra() {
    return static_cast<T*>(mnl_nlmsg_put_extra_header(header_, sizeof(T)));
  }
  void Text(uint16_t type, const std::string& text) {
    mnl_attr_put_strz(header_, type, text.c_str());
  }
  void Number(uint16_t type, uint32_t number) {
    if (number != 0) mnl_attr_put_u32(header_, type, number);
  }
  void Address(uint16_t type, const IpAddress& address) {
    mnl_attr_put(header_, type, address.size(), address.bytes);
  }
  void Mac(const std::string& text) {
    unsigned int mac[6];
    if (sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
               &mac[5]) != 6) {
      return;
    }
    unsigned char bytes[6];
    for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(mac[i]);
    mnl_attr_put(header_, IFLA_ADDRESS, sizeof bytes, bytes);
  }
  nlmsghdr* header() { return header_; }

 private:
  alignas(nlmsghdr) char buffer_[2048] = {};
  nlmsghdr* header_;
};

namespace {

std::string MacText(const nlattr* attribute) {
  if (mnl_attr_get_payload_len(attribute) != 6) return "";
  const auto* mac = static_cast<const unsigned char*>(mnl_attr_get_payload(attribute));
  char text[18];
  (void)snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
                 mac[4], mac[5]);
  return text;
}

std::string AttributeText(const nlattr* attribute) {
  const char* text = mnl_attr_get_str(attribute);
  return std::string(text, strnlen(text, mnl_attr_get_payload_len(attribute)));
}

LinkCounters CountersOf(const nlattr* attribute) {
  rtnl_link_stats64 stats{};
  size_t size = std::min<size_t>(sizeof stats, mnl_attr_get_payload_len(attribute));
  memcpy(&stats, mnl_attr_get_payload(attribute), size);
  return {.rx_bytes = stats.rx_bytes,
          .rx_packets = stats.rx_packets,
          .rx_errors = stats.rx_errors,
          .rx_dropped = stats.rx_dropped,
          .tx_bytes = stats.tx_bytes,
          .tx_packets = stats.tx_packets,
          .tx_errors = stats.tx_errors,
          .tx_dropped = stats.tx_dropped};
}

Link LinkOf(const nlmsghdr* header) {
  Link link;
  const auto* info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(header));
  link.index = info->ifi_index;
  link.is_up = (info->ifi_flags & IFF_UP) != 0;
  ForEachAttribute(header, sizeof(ifinfomsg), [&](const nlattr* attribute) {
    switch (mnl_attr_get_type(attribute)) {
      case IFLA_IFNAME:
        link.name = AttributeText(attribute);
        break;
      case IFLA_ADDRESS:
        link.mac = MacText(attribute);
        break;
      case IFLA_MASTER:
        link.master = static_cast<int>(mnl_attr_get_u32(attribute));
        break;
      case IFLA_GROUP:
        link.group = mnl_attr_get_u32(attribute);
        break;
      case IFLA_STATS64:
        link.counters = CountersOf(attribute);
        break;
      case IFLA_LINKINFO:
        ForEachNested(attribute, [&](const nlattr* inner) {
          if (mnl_attr_get_type(inner) == IFLA_INFO_KIND) link.kind = AttributeText(inner);
        });
        break;
      default:
        break;
    }
  });
  return link;
}

Error LinkError(Error error, const std::string& name) {
  if (error.sys_errno() == ENODEV) return NotFound("no interface " + name);
  return std::move(error).Wrap("interface " + name);
}

// Success too when what is asked for is there already.
Result<> OrThere(Result<> sent, const std::string& what) {
  if (sent.has_value() || sent.error().sys_errno() == EEXIST) return Ok();
  return std::move(sent).error().Wrap(what);
}

}  // namespace

Result<Netlink> Netlink::Open() {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd.valid()) return SysError("socket(NETLINK_ROUTE)");
  return Netlink(std::move(fd));
}

Result<> Netlink::Ask(Message& message, const std::function<void(const nlmsghdr*)>& each) {
  nlmsghdr* header = message.header();
  header->nlmsg_seq = ++sequence_;
  if (send(fd_.get(), header, header->nlmsg_len, 0) < 0) return SysError("send(netlink)");
  alignas(nlmsghdr) char buffer[16384];
  while (true) {
    ssize_t n = recv(fd_.get(), buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SysError("recv(netlink)");
    int left = static_cast<int>(n);
    for (auto* part = reinterpret_cast<nlmsghdr*>(buffer); mnl_nlmsg_ok(part, left);
         part = mnl_nlmsg_next(part, &left)) {
      if (part->nlmsg_seq != sequence_) continue;  // an answer that nobody waited for
      if (part->nlmsg_type == NLMSG_DONE) return Ok();
      if (part->nlmsg_type == NLMSG_ERROR) {
        int error = -static_cast<nlmsgerr*>(mnl_nlmsg_get_payload(part))->error;
        if (error != 0) return SysError("netlink", error);
        return Ok();
      }
      if (each) each(part);
    }
  }
}

Result<> Netlink::Send(Message& message) {
  return Ask(message, nullptr);
}

Result<Link> Netlink::AskLink(Message& message, const std::string& name) {
  Link link;
  auto asked = Ask(message, [&](const nlmsghdr* header) { link = LinkOf(header); });
  if (!asked.has_value()) return LinkError(std::move(asked).error(), name);
  return link;
}

Result<Link> Netlink::GetLink(const std::string& name) {
  Message message(RTM_GETLINK, NLM_F_ACK);
  message.Extra<ifinfomsg>();
  message.Text(IFLA_IFNAME, name);
  return AskLink(message, name);
}

Result<Link> Netlink::GetLink(int index) {
  Message message(RTM_GETLINK, NLM_F_ACK);
  message.Extra<ifinfomsg>()->ifi_index = index;
  return AskLink(message, "number " + std::to_string(index));
}

Result<std::vector<Link>> Netlink::Links() {
  Message message(RTM_GETLINK, NLM_F_DUMP);
  message.Extra<ifinfomsg>();
  std::vector<Link> links;
  TRY(Ask(message, [&](const nlmsghdr* header) { links.push_back(LinkOf(header)); }));
  return links;
}

Result<bool> Netlink::HasAddress(int index, const IpAddress& address) {
  Message message(RTM_GETADDR, NLM_F_DUMP);
  message.Extra<ifaddrmsg>()->ifa_family = address.v6 ? AF_INET6 : AF_INET;
  bool found = false;
  TRY(Ask(message, [&](const nlmsghdr* header) {
    const auto* info = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(header));
    if (info->ifa_index != static_cast<uint32_t>(index)) return;
    ForEachAttribute(header, sizeof(ifaddrmsg), [&](const nlattr* attribute) {
      uint16_t wanted = address.v6 ? IFA_ADDRESS : IFA_LOCAL;
      if (mnl_attr_get_type(attribute) == wanted &&
          mnl_attr_get_payload_len(attribute) == address.size() &&
          memcmp(mnl_attr_get_payload(attribute), address.bytes, address.size()) == 0) {
        found = true;
      }
    });
  }));
  return found;
}

Result<int> Netlink::RouteInterface(const IpAddress& address) {
  Message message(RTM_GETROUTE, NLM_F_ACK);
  auto* info = message.Extra<rtmsg>();
  info->rtm_family = address.v6 ? AF_INET6 : AF_INET;
  info->rtm_dst_len = static_cast<uint8_t>(address.size() * 8);
  message.Address(RTA_DST, address);
  int index = 0;
  TRY(Ask(message, [&](const nlmsghdr* header) {
        ForEachAttribute(header, sizeof(rtmsg), [&](const nlattr* attribute) {
          if (mnl_attr_get_type(attribute) == RTA_OIF)
            index = static_cast<int>(mnl_attr_get_u32(attribute));
        });
      }).Wrap("route to " + address.Text()));
  return index;
}

Result<> Netlink::AddBridge(const Bridge& bridge) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  auto* info = message.Extra<ifinfomsg>();
  info->ifi_flags = IFF_UP | (bridge.promiscuous ? IFF_PROMISC : 0);
  info->ifi_change = info->ifi_flags;
  message.Text(IFLA_IFNAME, bridge.name);
  message.Mac(bridge.mac);
  message.Number(IFLA_MTU, static_cast<uint32_t>(bridge.mtu));
  message.Number(IFLA_GROUP, bridge.group);
  nlattr* link = mnl_attr_nest_start(message.header(), IFLA_LINKINFO);
  message.Text(IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(message.header(), link);
  return OrThere(Send(message), "bridge " + bridge.name);
}

Result<> Netlink::AddVeth(const Veth& veth) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
  nlmsghdr* header = message.header();
  auto* info = message.Extra<ifinfomsg>();
  info->ifi_flags = IFF_UP;
  info->ifi_change = IFF_UP;
  message.Text(IFLA_IFNAME, veth.host_name);
  message.Mac(veth.host_mac);
  message.Number(IFLA_MASTER, static_cast<uint32_t>(veth.bridge_index));
  message.Number(IFLA_GROUP, veth.group);
  message.Number(IFLA_MTU, static_cast<uint32_t>(veth.mtu));
  nlattr* link = mnl_attr_nest_start(header, IFLA_LINKINFO);
  message.Text(IFLA_INFO_KIND, "veth");
  nlattr* data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
  nlattr* peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
  message.Extra<ifinfomsg>();
  message.Text(IFLA_IFNAME, veth.peer_name);
  message.Mac(veth.peer_mac);
  mnl_attr_put_u32(header, IFLA_NET_NS_FD, static_cast<uint32_t>(veth.netns_fd));
  message.Number(IFLA_MTU, static_cast<uint32_t>(veth.mtu));
  mnl_attr_nest_end(header, peer);
  mnl_attr_nest_end(header, data);
  mnl_attr_nest_end(header, link);
  return Send(message).Wrap("veth " + veth.host_name + " with " + veth.peer_name + " inside");
}

Result<> Netlink::SetHairpin(const std::string& name) {
  TRY_ASSIGN(Link link, GetLink(name));
  Message message(RTM_SETLINK, NLM_F_ACK);
  auto* info = message.Extra<ifinfomsg>();
  info->ifi_family = AF_BRIDGE;
  info->ifi_index = link.index;
  nlattr* attributes = mnl_attr_nest_start(message.header(), IFLA_PROTINFO | NLA_F_NESTED);
  mnl_attr_put_u8(message.header(), IFLA_BRPORT_MODE, 1);
  mnl_attr_nest_end(message.header(), attributes);
  return Send(message).Wrap("hairpin of " + name);
}

Result<> Netlink::DeleteLink(const std::string& name) {
  Message message(RTM_DELLINK, NLM_F_ACK);
  message.Extra<ifinfomsg>();
  message.Text(IFLA_IFNAME, name);
  auto sent = Send(message);
  if (sent.has_value() || sent.error().sys_errno() == ENODEV) return Ok();
  return LinkError(std::move(sent).error(), name);
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
  message.Address(IFA_LOCAL, address);
  message.Address(IFA_ADDRESS, address);
  if (!address.v6 && address.prefix < 31) message.Address(IFA_BROADCAST, address.Last());
  return OrThere(Send(message), "address " + address.WithPrefix());
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
  if (destination.prefix > 0) message.Address(RTA_DST, destination);
  message.Address(RTA_GATEWAY, gateway);
  message.Number(RTA_OIF, static_cast<uint32_t>(index));
  return OrThere(Send(message), "route " + destination.WithPrefix());
}

}  // namespace onggi
