// FrameReader: frames of base/unix_socket.h from a socket that must not block its reader.
//
// Thread-safety: one thread. Ownership: borrows the socket; the frames own their fds. Never blocks:
// reads are MSG_DONTWAIT.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unix_socket.h"

namespace onggi {

class FrameReader {
 public:
  // A frame that announces more than LIMIT bytes is InvalidArgument.
  explicit FrameReader(size_t limit) : limit_(limit) {}

  // The next whole frame, or nothing yet: call again when FD is readable. Unavailable when the peer
  // has gone.
  Result<std::optional<Frame>> Next(int fd);

 private:
  // Reads once towards the end of the header or of the body. False when nothing is there.
  Result<bool> ReadSome(int fd);
  Result<bool> Receive(int fd, char* out, size_t size, size_t* got);

  size_t limit_;
  unsigned char header_[4] = {};
  size_t header_bytes_ = 0;
  size_t length_ = 0;
  Frame frame_;
};

}  // namespace onggi
