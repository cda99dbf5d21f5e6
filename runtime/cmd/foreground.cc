#include "runtime/cmd/foreground.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/file_io.h"

namespace onggi {
namespace {

// Our terminal without its line discipline, for as long as the object lives.
class RawTerminal {
 public:
  explicit RawTerminal(bool wanted) : active_(wanted && tcgetattr(0, &before_) == 0) {
    if (!active_) return;
    termios raw = before_;
    cfmakeraw(&raw);
    (void)tcsetattr(0, TCSANOW, &raw);  // then input is echoed twice, nothing worse
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() {
    if (active_) (void)tcsetattr(0, TCSANOW, &before_);  // see above
  }

 private:
  termios before_{};
  bool active_;
};

void CopySize(int master) {
  winsize size{};
  if (ioctl(0, TIOCGWINSZ, &size) == 0) (void)ioctl(master, TIOCSWINSZ, &size);
}

void Forward(int signal_fd, int pidfd, int master) {
  signalfd_siginfo info{};
  if (read(signal_fd, &info, sizeof(info)) != static_cast<ssize_t>(sizeof(info))) return;
  const int number = static_cast<int>(info.ssi_signo);
  if (number == SIGCHLD) return;
  if (number == SIGWINCH && master >= 0) return CopySize(master);
  (void)syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0);  // ended: told below
}

// False at the end of the source.
bool CopySome(int from, int to) {
  char buffer[16384];
  const ssize_t length = read(from, buffer, sizeof(buffer));
  if (length <= 0) return length < 0 && (errno == EINTR || errno == EAGAIN);
  return static_cast<bool>(WriteAll(to, std::string_view(buffer, static_cast<size_t>(length))));
}

Result<int> Collect(int pidfd) {
  siginfo_t info{};
  if (waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED) != 0) return SysError("waitid");
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

void Drain(int master) {
  (void)fcntl(master, F_SETFL, O_NONBLOCK);  // else we would wait for programs in the background
  pollfd ready{master, POLLIN, 0};
  while (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0 && CopySome(master, 1)) {
  }
}

}  // namespace

Result<UniqueFd> BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  // Faults of our own, and job control, keep their meaning.
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTTOU, SIGTTIN, SIGPIPE}) {
    sigdelset(&all, own);
  }
  if (sigprocmask(SIG_SETMASK, &all, nullptr) != 0) return SysError("sigprocmask");
  UniqueFd fd(signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return SysError("signalfd");
  return fd;
}

Result<int> WaitInForeground(int signal_fd, int pidfd, UniqueFd terminal_master) {
  const RawTerminal raw(terminal_master.valid());
  if (terminal_master.valid()) CopySize(terminal_master.get());
  pollfd fds[] = {{pidfd, POLLIN, 0},
                  {signal_fd, POLLIN, 0},
                  {terminal_master.get(), POLLIN, 0},
                  {terminal_master.valid() ? 0 : -1, POLLIN, 0}};
  for (;;) {
    if (poll(fds, std::size(fds), -1) < 0) {
      if (errno == EINTR) continue;
      return SysError("poll");
    }
    if (fds[1].revents != 0) Forward(signal_fd, pidfd, terminal_master.get());
    if (fds[2].revents != 0 && !CopySome(terminal_master.get(), 1)) fds[2].fd = -1;
    if (fds[3].revents != 0 && !CopySome(0, terminal_master.get())) fds[3].fd = -1;
    if (fds[0].revents == 0) continue;
    if (fds[2].fd >= 0) Drain(terminal_master.get());
    return Collect(pidfd);
  }
}

}  // namespace onggi
