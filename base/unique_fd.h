// UniqueFd: sole owner of one file descriptor. Pipe and SocketPair: two of them, CLOEXEC from
// birth.
//
// Thread-safety: a value. Never converts to int by itself: an fd that is passed on is written
// fd.get().
#pragma once

#include <utility>

#include "base/result.h"

namespace onggi {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Gives the fd away; the caller closes it.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }
  // Closes what was held. EINTR is not retried: Linux has freed the number by then.
  void reset(int fd = -1);
  // For writers that must know whether close reported a late write error.
  Result<> Close();
  // A second descriptor of the same open file, CLOEXEC, numbered 3 or more.
  Result<UniqueFd> Duplicate() const;

 private:
  int fd_ = -1;
};

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};
// extra_flags: O_NONBLOCK, O_DIRECT; O_CLOEXEC is always set.
Result<Pipe> MakePipe(int extra_flags = 0);

struct SocketPair {
  UniqueFd first;
  UniqueFd second;
};
// AF_UNIX; type: SOCK_STREAM or SOCK_SEQPACKET.
Result<SocketPair> MakeSocketPair(int type);

}  // namespace onggi
