// Sockets of another network namespace. A short-lived thread enters the namespace, opens the socket
// and ends: a socket belongs to the namespace that it was made in, and no long-lived thread ever
// changes its own.
//
// Blocks for the life of that thread (about 50 us). Needs CAP_SYS_ADMIN.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

// Runs BODY on a thread inside the namespace at NETNS_PATH.
Result<> RunInNetns(const std::string& netns_path, const std::function<Result<>()>& body);

// socket(2) inside.
Result<UniqueFd> SocketInNetns(const std::string& netns_path, int domain, int type, int protocol);

// A TCP connection to PORT on the namespace's 127.0.0.1, else ::1. Unavailable when nobody listens.
Result<UniqueFd> DialInNetns(const std::string& netns_path, uint16_t port);

}  // namespace onggi
