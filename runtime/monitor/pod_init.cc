#include "runtime/monitor/pod_init.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/monitor/process_title.h"

namespace onggi {
namespace {

Result<> EmptyRoot() {
  if (unshare(CLONE_NEWNS) != 0) return SysError("unshare(CLONE_NEWNS)");
  if (mount(nullptr, "/", nullptr, MS_PRIVATE | MS_REC, nullptr) != 0) {
    return SysError("mount(/, MS_PRIVATE)");
  }
  // Any directory serves as the place of the new root: this one is on every node.
  if (mount("none", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
            "mode=0555,size=4k") != 0) {
    return SysError("mount(tmpfs)");
  }
  if (chdir("/proc") != 0) return SysError("chdir");
  if (syscall(SYS_pivot_root, ".", ".") != 0) return SysError("pivot_root");
  if (umount2(".", MNT_DETACH) != 0) return SysError("umount2(the node's root)");
  if (chdir("/") != 0) return SysError("chdir");
  return Ok();
}

Result<> DropCapabilities() {
  // EINVAL is how the kernel says that the last one has been passed.
  for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; ++cap) {
  }
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) return SysError("capset");
  return Ok();
}

}  // namespace

Result<> BecomePodInit(int keep_fd) {
  SetProcessTitle("onggi-init");
  (void)setsid();  // fails only for a leader, which a cloned process is not
  if (keep_fd > 0 && close_range(0, static_cast<unsigned>(keep_fd) - 1, 0) != 0) {
    return SysError("close_range");
  }
  if (close_range(static_cast<unsigned>(keep_fd) + 1, ~0U, 0) != 0) return SysError("close_range");
  TRY(EmptyRoot());
  TRY(DropCapabilities());
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return SysError("prctl(PR_SET_NO_NEW_PRIVS)");
  // Last: a change of credentials takes both back. A pod must not outlive its monitor unseen.
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return SysError("prctl(PR_SET_DUMPABLE)");
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return SysError("prctl(PR_SET_PDEATHSIG)");
  (void)signal(SIGCHLD, SIG_IGN);  // the kernel reaps for us
  return Ok();
}

void RunPodInit() {
  (void)close_range(0, ~0U, 0);  // nothing that could be done about a failure
  while (true) (void)pause();
}

}  // namespace onggi
