#include "base/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace onggi {
namespace {

Result<sockaddr_un> AddressOf(const std::string& path) {
  if (path.size() > kMaxSocketPath) {
    return InvalidArgument("socket path " + path + " has " + std::to_string(path.size()) +
                           " bytes, at most " + std::to_string(kMaxSocketPath) + " fit");
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<UniqueFd> NewSocket() {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return SysError("socket(AF_UNIX)");
  return fd;
}

}  // namespace

Result<UniqueFd> ListenUnix(const std::string& path, mode_t mode, int backlog) {
  TRY_ASSIGN(sockaddr_un address, AddressOf(path));
  TRY_ASSIGN(UniqueFd fd, NewSocket());
  // The mode of the socket file follows the mode of the socket inode at bind time: no umask needed.
  if (fchmod(fd.get(), mode) != 0) return SysError("fchmod(socket)");
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return SysError("bind(" + path + ")");
  }
  if (chmod(path.c_str(), mode) != 0) return SysError("chmod(" + path + ")");
  if (listen(fd.get(), backlog) != 0) return SysError("listen(" + path + ")");
  return fd;
}

Result<UniqueFd> ConnectUnix(const std::string& path) {
  TRY_ASSIGN(sockaddr_un address, AddressOf(path));
  TRY_ASSIGN(UniqueFd fd, NewSocket());
  int rc;
  do {
    rc = connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  } while (rc != 0 && errno == EINTR);
  if (rc != 0) return SysError("connect(" + path + ")");
  return fd;
}

Result<UniqueFd> AcceptUnix(int listen_fd) {
  int fd;
  do {
    fd = accept4(listen_fd, nullptr, nullptr, SOCK_CLOEXEC);
  } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (fd < 0) return SysError("accept");
  return UniqueFd(fd);
}

Result<uid_t> PeerUid(int fd) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
    return SysError("getsockopt(SO_PEERCRED)");
  }
  return credentials.uid;
}

Result<> SendFrame(int fd, std::string_view bytes, std::span<const int> fds) {
  CHECK(fds.size() <= kMaxFrameFds);
  if (bytes.size() > kMaxFrameBytes) {
    return InvalidArgument("frame of " + std::to_string(bytes.size()) + " bytes is too large");
  }
  auto length = static_cast<uint32_t>(bytes.size());
  iovec parts[2] = {{&length, sizeof length}, {const_cast<char*>(bytes.data()), bytes.size()}};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFrameFds)] = {};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  }
  size_t left = sizeof length + bytes.size();
  while (left > 0) {
    ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno == EPIPE || errno == ECONNRESET) return Unavailable("the peer has gone");
      return SysError("sendmsg");
    }
    left -= static_cast<size_t>(n);
    message.msg_control = nullptr;  // the fds went with the first byte
    message.msg_controllen = 0;
    auto done = static_cast<size_t>(n);
    for (iovec& part : parts) {
      size_t step = std::min(done, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + step;
      part.iov_len -= step;
      done -= step;
    }
  }
  return Ok();
}

namespace {

void TakeFds(msghdr& message, std::vector<UniqueFd>& fds) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
}

Result<> ReceiveExactly(int fd, char* out, size_t size, std::vector<UniqueFd>& fds) {
  size_t done = 0;
  while (done < size) {
    iovec part{out + done, size - done};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFrameFds)];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno == ECONNRESET) return Unavailable("the peer has gone");
      if (errno == EAGAIN) return DeadlineExceeded("the peer did not answer in time");
      return SysError("recvmsg");
    }
    TakeFds(message, fds);
    if (fds.size() > kMaxFrameFds || (message.msg_flags & MSG_CTRUNC) != 0) {
      return InvalidArgument("more than " + std::to_string(kMaxFrameFds) + " fds in a message");
    }
    if (n == 0) {
      if (done == 0) return Unavailable("the peer has gone");
      return Unavailable("the peer went in the middle of a message");
    }
    done += static_cast<size_t>(n);
  }
  return Ok();
}

}  // namespace

Result<Frame> ReceiveFrame(int fd) {
  Frame frame;
  uint32_t length = 0;
  TRY(ReceiveExactly(fd, reinterpret_cast<char*>(&length), sizeof length, frame.fds));
  if (length > kMaxFrameBytes) {
    return InvalidArgument("frame of " + std::to_string(length) + " bytes announced");
  }
  frame.bytes.resize(length);
  TRY(ReceiveExactly(fd, frame.bytes.data(), length, frame.fds));
  return frame;
}

}  // namespace onggi
