// What of another network namespace is asked from outside: a socket that belongs to it, and its
// interfaces' counters. A short-lived thread enters the namespace, opens the socket and ends: a
// socket belongs to the namespace that it was made in, and no long-lived thread ever changes its
// own.
//
// Thread-safety: any thread. Blocks for the life of that thread (about 50 us). Needs CAP_SYS_ADMIN.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

// Runs BODY on a thread inside the namespace at NETNS_PATH, or behind NETNS_FD.
Result<> RunInNetns(const std::string& netns_path, const std::function<Result<>()>& body);
Result<> RunInNetns(int netns_fd, const std::function<Result<>()>& body);

// socket(2) inside; CLOEXEC.
Result<UniqueFd> SocketInNetns(const std::string& netns_path, int domain, int type, int protocol);

// A TCP connection to PORT on the namespace's 127.0.0.1, else ::1. Unavailable when nobody listens.
Result<UniqueFd> DialInNetns(const std::string& netns_path, uint16_t port);

struct InterfaceCounters {
  std::string name;
  uint64_t rx_bytes = 0;
  uint64_t rx_errors = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_errors = 0;
};

// Every interface inside but lo, in the order of their making.
Result<std::vector<InterfaceCounters>> CountersInNetns(const std::string& netns_path);

}  // namespace onggi
