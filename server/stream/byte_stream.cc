#include "server/stream/byte_stream.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>

namespace onggi {

void ByteStream::SetIdleTimeout(std::chrono::milliseconds timeout) {
  timeval value{};
  value.tv_sec = timeout.count() / 1000;
  value.tv_usec = (timeout.count() % 1000) * 1000;
  (void)setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &value,
                   sizeof value);  // a live socket takes it
}

Result<size_t> ByteStream::Read(char* out, size_t size) {
  if (!unread_.empty()) {
    size_t n = std::min(size, unread_.size());
    memcpy(out, unread_.data(), n);
    unread_.erase(0, n);
    return n;
  }
  ssize_t n;
  do {
    n = recv(fd_.get(), out, size, 0);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return static_cast<size_t>(n);
  if (errno == EAGAIN || errno == EWOULDBLOCK) return DeadlineExceeded("nothing came for too long");
  if (errno == ECONNRESET) return size_t{0};
  return SysError("recv");
}

Result<> ByteStream::ReadExactly(char* out, size_t size) {
  while (size > 0) {
    TRY_ASSIGN(size_t n, Read(out, size));
    if (n == 0) return Unavailable("the peer has gone");
    out += n;
    size -= n;
  }
  return Ok();
}

Result<> ByteStream::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno == EPIPE || errno == ECONNRESET) return Unavailable("the peer has gone");
      return SysError("send");
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return Ok();
}

void ByteStream::ShutdownWrite() {
  (void)shutdown(fd_.get(), SHUT_WR);
}  // the peer may be gone already

void ByteStream::Abort() {
  (void)shutdown(fd_.get(), SHUT_RDWR);
}  // likewise

}  // namespace onggi
