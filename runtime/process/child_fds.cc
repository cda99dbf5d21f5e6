#include "runtime/process/child_fds.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "runtime/kernel/devices.h"

namespace onggi {
namespace {

Result<> CloseRange(unsigned int first, unsigned int last) {
  if (first > last) return Ok();
  if (syscall(SYS_close_range, first, last, 0) != 0) return SysError("close_range");
  return Ok();
}

}  // namespace

Result<> CloseAllBut(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned int next = 3;
  for (const int fd : keep) {
    if (fd < static_cast<int>(next)) continue;
    if (static_cast<unsigned int>(fd) > next) {
      TRY(CloseRange(next, static_cast<unsigned int>(fd) - 1));
    }
    next = static_cast<unsigned int>(fd) + 1;
  }
  return CloseRange(next, UINT_MAX);
}

Result<> PlaceStdio(const ContainerStdio& stdio) {
  if (stdio.in == 0 && stdio.out == 1 && stdio.err == 2) return Ok();
  const int wanted[3] = {stdio.in, stdio.out, stdio.err};
  UniqueFd sources[3];
  for (int i = 0; i < 3; ++i) {
    if (wanted[i] < 0) {
      TRY_ASSIGN(sources[i], OpenNull(O_RDWR));
    }
    // Above 2 first, so that no later dup2 hits a source.
    const int moved = fcntl(wanted[i] < 0 ? sources[i].get() : wanted[i], F_DUPFD_CLOEXEC, 3);
    if (moved < 0) return SysError("fcntl(F_DUPFD)");
    sources[i].reset(moved);
  }
  for (int i = 0; i < 3; ++i) {
    if (dup2(sources[i].get(), i) < 0) return SysError("dup2");
  }
  return Ok();
}

void ResetSignals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    (void)sigaction(number, &standard, nullptr);  // SIGKILL, SIGSTOP and libc's own refuse
  }
  sigset_t none;
  sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, nullptr);  // cannot fail
}

Result<> DieWithParent(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return SysError("prctl(PR_SET_PDEATHSIG)");
  // In a new pid namespace the parent is not visible, and its number reads 0.
  const pid_t now = getppid();
  if (now != 0 && now != parent) return Internal("the parent ended");
  return Ok();
}

void OutliveParent() {
  (void)prctl(PR_SET_PDEATHSIG, 0);  // cannot fail
}

Result<> OwnStdio(uid_t uid) {
  for (int fd = 0; fd < 3; ++fd) {
    struct stat st {};
    if (fstat(fd, &st) != 0) continue;
    if (st.st_uid == uid) continue;
    const bool terminal = S_ISCHR(st.st_mode) && isatty(fd) == 1;
    if (!terminal && !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)) continue;
    // EINVAL: no such user in this user namespace. EPERM, EROFS: not ours to give.
    if (fchown(fd, uid, static_cast<gid_t>(-1)) != 0 && errno != EINVAL && errno != EPERM &&
        errno != EROFS) {
      return SysError("fchown(stdio)");
    }
  }
  return Ok();
}

}  // namespace onggi
