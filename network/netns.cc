#include "network/netns.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <thread>

#include "base/file_io.h"
#include "network/builtin/netlink.h"

namespace onggi {

Result<> RunInNetns(int netns_fd, const std::function<Result<>()>& body) {
  Result<> outcome = Ok();
  std::thread([&] {
    if (setns(netns_fd, CLONE_NEWNET) != 0) {
      outcome = SysError("setns");
    } else {
      outcome = body();
    }
  }).join();
  return outcome;
}

Result<> RunInNetns(const std::string& netns_path, const std::function<Result<>()>& body) {
  TRY_ASSIGN(UniqueFd netns, Open(netns_path, O_RDONLY));
  return RunInNetns(netns.get(), body).Wrap("network namespace " + netns_path);
}

Result<UniqueFd> SocketInNetns(const std::string& netns_path, int domain, int type, int protocol) {
  UniqueFd fd;
  TRY(RunInNetns(netns_path, [&]() -> Result<> {
    fd.reset(socket(domain, type | SOCK_CLOEXEC, protocol));
    if (!fd.valid()) return SysError("socket");
    return Ok();
  }));
  return fd;
}

Result<UniqueFd> DialInNetns(const std::string& netns_path, uint16_t port) {
  TRY_ASSIGN(UniqueFd v4, SocketInNetns(netns_path, AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(v4.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return v4;
  TRY_ASSIGN(UniqueFd v6, SocketInNetns(netns_path, AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 address6{};
  address6.sin6_family = AF_INET6;
  address6.sin6_port = htons(port);
  address6.sin6_addr = in6addr_loopback;
  if (connect(v6.get(), reinterpret_cast<sockaddr*>(&address6), sizeof address6) == 0) return v6;
  return Unavailable("nobody listens on port " + std::to_string(port) + " in the pod");
}

Result<std::vector<InterfaceCounters>> CountersInNetns(const std::string& netns_path) {
  TRY_ASSIGN(UniqueFd fd, SocketInNetns(netns_path, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  TRY_ASSIGN(std::vector<Link> links, Netlink(std::move(fd)).Links());
  std::vector<InterfaceCounters> out;
  for (const Link& link : links) {
    if (link.index == 1) continue;  // lo is a namespace's first interface
    out.push_back({.name = link.name,
                   .rx_bytes = link.counters.rx_bytes,
                   .rx_errors = link.counters.rx_errors,
                   .tx_bytes = link.counters.tx_bytes,
                   .tx_errors = link.counters.tx_errors});
  }
  return out;
}

}  // namespace onggi
