// Unix stream sockets by path, peers' credentials, and messages that carry file descriptors.
//
// A frame is a 32-bit little-endian length and that many bytes; fds travel with the frame's first
// byte (SCM_RIGHTS, at most kMaxFrameFds). All calls block; a socket with SO_RCVTIMEO set gives
// DeadlineExceeded.
//
// Thread-safety: one writer and one reader per socket at a time.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

inline constexpr size_t kMaxFrameFds = 16;
inline constexpr size_t kMaxFrameBytes = 16 << 20;
// sockaddr_un holds 107 bytes and a NUL.
inline constexpr size_t kMaxSocketPath = 107;

// InvalidArgument when PATH is too long. The socket file gets MODE; nothing may be at PATH.
Result<UniqueFd> ListenUnix(const std::string& path, mode_t mode, int backlog = 128);
Result<UniqueFd> ConnectUnix(const std::string& path);
Result<UniqueFd> AcceptUnix(int listen_fd);

// uid of the process at the other end when it connected (SO_PEERCRED).
Result<uid_t> PeerUid(int fd);

struct Frame {
  std::string bytes;
  std::vector<UniqueFd> fds;
};
Result<> SendFrame(int fd, std::string_view bytes, std::span<const int> fds = {});
// Unavailable when the peer has closed the connection between two frames.
Result<Frame> ReceiveFrame(int fd);

}  // namespace onggi
