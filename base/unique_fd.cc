#include "base/unique_fd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace onggi {

void UniqueFd::reset(int fd) {
  int old = std::exchange(fd_, fd);
  if (old >= 0) {
    int saved = errno;
    (void)close(old);  // nothing was promised to a writer that did not call Close()
    errno = saved;
  }
}

Result<> UniqueFd::Close() {
  int fd = std::exchange(fd_, -1);
  if (fd >= 0 && close(fd) != 0 && errno != EINTR) return SysError("close");
  return Ok();
}

Result<UniqueFd> UniqueFd::Duplicate() const {
  int fd = fcntl(fd_, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return SysError("fcntl(F_DUPFD_CLOEXEC)");
  return UniqueFd(fd);
}

Result<Pipe> MakePipe(int extra_flags) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC | extra_flags) != 0) return SysError("pipe2");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Result<SocketPair> MakeSocketPair(int type) {
  int fds[2];
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) != 0) return SysError("socketpair");
  return SocketPair{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

}  // namespace onggi
