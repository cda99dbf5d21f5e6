// ByteStream: a connected socket, read and written whole. Two threads may use it at once: one
// reads, one writes.
//
// Reads give up after the idle timeout; Abort() from any thread ends both sides at once, so that no
// session outlives its connection.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class ByteStream {
 public:
  explicit ByteStream(UniqueFd fd) : fd_(std::move(fd)) {}

  void SetIdleTimeout(std::chrono::milliseconds timeout);
  // Up to SIZE bytes; 0 at the end. DeadlineExceeded after the idle timeout.
  Result<size_t> Read(char* out, size_t size);
  // Exactly SIZE bytes, or Unavailable when the peer closed before.
  Result<> ReadExactly(char* out, size_t size);
  Result<> Write(std::string_view bytes);
  // No more writes: the peer sees the end.
  void ShutdownWrite();
  void Abort();
  int fd() const { return fd_.get(); }

  // Puts BYTES before what Read gives next: what was read beyond an HTTP head.
  void Unread(std::string bytes) { unread_ = std::move(bytes); }

 private:
  UniqueFd fd_;
  std::string unread_;
};

}  // namespace onggi
