#include "runtime/process/clone3.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

namespace onggi {

Result<ClonedChild> Clone3(const CloneRequest& request) {
  int pidfd = -1;
  clone_args args{};
  args.flags = request.flags | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<__u64>(&pidfd);
  // A sibling takes over the signal that its creator sends.
  args.exit_signal = (request.flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;
  if (request.cgroup_fd >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<__u64>(request.cgroup_fd);
  }
  const long pid = syscall(SYS_clone3, &args, sizeof(args));
  if (pid < 0) return SysError("clone3");
  ClonedChild child;
  child.pid = static_cast<pid_t>(pid);
  if (pid > 0) child.pidfd.reset(pidfd);
  return child;
}

}  // namespace onggi
