#include "runtime/client/frame_reader.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace onggi {
namespace {

// The body grows as it arrives, so that an announced length alone takes no memory.
constexpr size_t kStep = 64 << 10;

Result<> TakeFds(msghdr& message, std::vector<UniqueFd>& fds) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  if (fds.size() > kMaxFrameFds) return InvalidArgument("too many fds in one message");
  return Ok();
}

}  // namespace

Result<bool> FrameReader::Receive(int fd, char* out, size_t size, size_t* got) {
  iovec part{out, size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFrameFds)];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n;
  do {
    n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    if (errno == EAGAIN) return false;
    if (errno == ECONNRESET) return Unavailable("the peer has gone");
    return SysError("recvmsg");
  }
  TRY(TakeFds(message, frame_.fds));
  if (n == 0) return Unavailable("the peer has gone");
  *got = static_cast<size_t>(n);
  return true;
}

Result<bool> FrameReader::ReadSome(int fd) {
  size_t got = 0;
  if (header_bytes_ < sizeof header_) {
    TRY_ASSIGN(bool any, Receive(fd, reinterpret_cast<char*>(header_) + header_bytes_,
                                 sizeof header_ - header_bytes_, &got));
    if (!any) return false;
    header_bytes_ += got;
    if (header_bytes_ < sizeof header_) return true;
    length_ = header_[0] | header_[1] << 8 | header_[2] << 16 | size_t{header_[3]} << 24;
    if (length_ > limit_) {
      return InvalidArgument("frame of " + std::to_string(length_) + " bytes announced, at most " +
                             std::to_string(limit_) + " are read");
    }
    return true;
  }
  size_t had = frame_.bytes.size();
  frame_.bytes.resize(had + std::min(kStep, length_ - had));
  auto any = Receive(fd, frame_.bytes.data() + had, frame_.bytes.size() - had, &got);
  frame_.bytes.resize(had + got);
  return any;
}

Result<std::optional<Frame>> FrameReader::Next(int fd) {
  while (header_bytes_ < sizeof header_ || frame_.bytes.size() < length_) {
    TRY_ASSIGN(bool any, ReadSome(fd));
    if (!any) return std::optional<Frame>();
  }
  header_bytes_ = 0;
  length_ = 0;
  return std::optional<Frame>(std::exchange(frame_, Frame()));
}

}  // namespace onggi
