#include "network/builtin/conntrack.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "network/builtin/attributes.h"

namespace onggi {
namespace {

struct Entry {
  uint8_t family;
  std::string tuple;  // CTA_TUPLE_ORIG's payload, given back as it came
  std::string zone;   // CTA_ZONE's, or ""
};

nlmsghdr* Start(char* buffer, int type, int flags, uint8_t family) {
  nlmsghdr* header = mnl_nlmsg_put_header(buffer);
  header->nlmsg_type = static_cast<uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | type);
  header->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  auto* extra = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
  extra->nfgen_family = family;
  extra->version = NFNETLINK_V0;
  return header;
}

std::string Payload(const nlattr* attribute) {
  return std::string(static_cast<const char*>(mnl_attr_get_payload(attribute)),
                     mnl_attr_get_payload_len(attribute));
}

// The destination port of a UDP tuple; 0 for any other protocol.
uint16_t UdpPort(const nlattr* tuple) {
  uint8_t protocol = 0;
  uint16_t port = 0;
  ForEachNested(tuple, [&](const nlattr* part) {
    if (mnl_attr_get_type(part) != CTA_TUPLE_PROTO) return;
    ForEachNested(part, [&](const nlattr* field) {
      if (mnl_attr_get_type(field) == CTA_PROTO_NUM) protocol = mnl_attr_get_u8(field);
      if (mnl_attr_get_type(field) == CTA_PROTO_DST_PORT) port = ntohs(mnl_attr_get_u16(field));
    });
  });
  return protocol == IPPROTO_UDP ? port : 0;
}

void Collect(const nlmsghdr* header, const std::set<uint16_t>& ports, std::vector<Entry>& out) {
  const auto* extra = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(header));
  Entry entry{extra->nfgen_family, "", ""};
  ForEachAttribute(header, sizeof(nfgenmsg), [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == CTA_ZONE) entry.zone = Payload(attribute);
    if (mnl_attr_get_type(attribute) == CTA_TUPLE_ORIG && ports.count(UdpPort(attribute)) > 0)
      entry.tuple = Payload(attribute);
  });
  if (!entry.tuple.empty()) out.push_back(std::move(entry));
}

}  // namespace

Result<> DeleteUdpConnections(const std::set<uint16_t>& ports) {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!fd.valid()) return SysError("socket(NETLINK_NETFILTER)");
  alignas(nlmsghdr) char buffer[16384] = {};
  nlmsghdr* dump = Start(buffer, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC);
  if (send(fd.get(), dump, dump->nlmsg_len, 0) < 0) return SysError("send(netlink)");
  std::vector<Entry> entries;
  for (bool more = true; more;) {
    ssize_t n = recv(fd.get(), buffer, sizeof buffer, 0);
    if (n < 0) return SysError("recv(netlink)");
    int left = static_cast<int>(n);
    for (auto* part = reinterpret_cast<nlmsghdr*>(buffer); mnl_nlmsg_ok(part, left);
         part = mnl_nlmsg_next(part, &left)) {
      if (part->nlmsg_type == NLMSG_DONE || part->nlmsg_type == NLMSG_ERROR) more = false;
      if (more) Collect(part, ports, entries);
    }
  }
  for (const Entry& entry : entries) {
    nlmsghdr* header = Start(buffer, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, entry.family);
    mnl_attr_put(header, CTA_TUPLE_ORIG | NLA_F_NESTED, entry.tuple.size(), entry.tuple.data());
    if (!entry.zone.empty()) mnl_attr_put(header, CTA_ZONE, entry.zone.size(), entry.zone.data());
    if (send(fd.get(), header, header->nlmsg_len, 0) < 0) return SysError("send(netlink)");
    (void)recv(fd.get(), buffer, sizeof buffer, 0);  // it may have ended by itself
  }
  return Ok();
}

}  // namespace onggi
