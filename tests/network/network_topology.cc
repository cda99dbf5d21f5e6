#include "tests/conformance/network_topology.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/child_process.h"
#include "base/file_io.h"
#include "network/builtin/netlink.h"
#include "network/netns.h"

namespace onggi::testing {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address SocketAddress(const std::string& text, uint16_t port, bool v6) {
  Address address;
  if (v6) {
    auto* in = reinterpret_cast<sockaddr_in6*>(&address.storage);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    (void)inet_pton(AF_INET6, text.empty() ? "::" : text.c_str(), &in->sin6_addr);
    address.size = sizeof *in;
  } else {
    auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    (void)inet_pton(AF_INET, text.empty() ? "0.0.0.0" : text.c_str(), &in->sin_addr);
    address.size = sizeof *in;
  }
  return address;
}

std::string TextOf(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(&address.storage);
    (void)inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
    return text;
  }
  const auto* in = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  (void)inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof text);
  std::string out = text;
  return out.rfind("::ffff:", 0) == 0 ? out.substr(7) : out;
}

UniqueFd SocketIn(const std::string& netns, int domain, int type) {
  if (netns.empty()) return UniqueFd(socket(domain, type | SOCK_CLOEXEC, 0));
  auto fd = SocketInNetns(netns, domain, type, 0);
  CHECK(fd.has_value());
  return std::move(fd).value();
}

}  // namespace

void OnFreshHost(const std::function<void()>& body) {
  std::thread([&] {
    CHECK(unshare(CLONE_NEWNET) == 0);
    auto netlink = Netlink::Open();
    CHECK(netlink.has_value());
    CHECK(netlink->SetUp(1).has_value());
    body();
  }).join();
}

Netns::Netns() : path_(tree_.File("netns")) {
  std::thread([&] {
    CHECK(unshare(CLONE_NEWNET) == 0);
    CHECK(mount("/proc/thread-self/ns/net", path_.c_str(), nullptr, MS_BIND, nullptr) == 0);
  }).join();
}

Netns::~Netns() {
  (void)umount2(path_.c_str(), MNT_DETACH);
}

std::string InNetns(const std::string& netns, const std::string& command) {
  std::string whole = netns.empty() ? command : "nsenter --net=" + netns + " " + command;
  auto output =
      RunCommand({.argv = {"/bin/sh", "-c", whole}, .env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}});
  CHECK(output.has_value());
  EXPECT_TRUE(output->status.ok()) << whole << ": " << output->err;
  return output->out;
}

Server::Server(const std::string& netns, const Endpoint& endpoint, std::string name)
    : name_(std::move(name)), stop_(eventfd(0, EFD_CLOEXEC)) {
  bool v6 = endpoint.address.find('.') == std::string::npos;
  int domain = v6 ? AF_INET6 : AF_INET;
  socket_ = SocketIn(netns, domain, endpoint.is_udp ? SOCK_DGRAM : SOCK_STREAM);
  int one = 1;
  (void)setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  Address address = SocketAddress(endpoint.address, endpoint.port, v6);
  EXPECT_EQ(bind(socket_.get(), address.raw(), address.size), 0) << strerror(errno);
  if (!endpoint.is_udp) {
    EXPECT_EQ(listen(socket_.get(), 16), 0) << strerror(errno);
  }
  thread_ = std::thread([this, is_udp = endpoint.is_udp] { Run(is_udp); });
}

Server::~Server() {
  (void)eventfd_write(stop_.get(), 1);
  thread_.join();
}

void Server::Run(bool is_udp) {
  while (true) {
    pollfd fds[] = {{socket_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    (void)poll(fds, 2, -1);
    if (fds[1].revents != 0) return;
    Address from;
    from.size = sizeof from.storage;
    if (is_udp) {
      char buffer[64];
      if (recvfrom(socket_.get(), buffer, sizeof buffer, 0, from.raw(), &from.size) < 0) continue;
      std::string answer = name_ + " sees " + TextOf(from);
      (void)sendto(socket_.get(), answer.data(), answer.size(), 0, from.raw(), from.size);
      continue;
    }
    UniqueFd client(accept4(socket_.get(), from.raw(), &from.size, SOCK_CLOEXEC));
    if (client.valid()) (void)WriteAll(client.get(), name_ + " sees " + TextOf(from));
  }
}

std::string Ask(const std::string& netns, const Endpoint& endpoint) {
  bool v6 = endpoint.address.find(':') != std::string::npos;
  UniqueFd fd =
      SocketIn(netns, v6 ? AF_INET6 : AF_INET, endpoint.is_udp ? SOCK_DGRAM : SOCK_STREAM);
  timeval second{.tv_sec = 1, .tv_usec = 0};
  (void)setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
  (void)setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  Address address = SocketAddress(endpoint.address, endpoint.port, v6);
  if (connect(fd.get(), address.raw(), address.size) != 0)
    return std::string("nothing: ") + strerror(errno);
  if (endpoint.is_udp) (void)send(fd.get(), "hello", 5, 0);
  char buffer[256];
  ssize_t n = recv(fd.get(), buffer, sizeof buffer, 0);
  if (n < 0) return std::string("nothing: ") + strerror(errno);
  return std::string(buffer, static_cast<size_t>(n));
}

}  // namespace onggi::testing
