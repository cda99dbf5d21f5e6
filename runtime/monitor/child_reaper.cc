#include "runtime/monitor/child_reaper.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace onggi {

ChildReaper::~ChildReaper() {
  if (signals_.valid()) loop_->Unwatch(signals_.get());
}

Result<> ChildReaper::Start() {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  signals_.reset(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.valid()) return SysError("signalfd");
  return loop_->Watch(signals_.get(), EPOLLIN, [this](uint32_t) { Reap(); });
}

void ChildReaper::Reap() {
  signalfd_siginfo info;
  // One signal may stand for many ends: only the wake-up matters.
  while (read(signals_.get(), &info, sizeof info) == sizeof info) {
  }
  while (true) {
    siginfo_t child{};
    if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0 || child.si_pid == 0) return;
    callbacks_.ended(child.si_pid);
    int status = 0;
    pid_t pid = waitpid(child.si_pid, &status, WNOHANG);
    if (pid == child.si_pid) callbacks_.reaped(pid, status);
  }
}

}  // namespace onggi
