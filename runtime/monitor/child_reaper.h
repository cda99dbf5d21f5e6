// ChildReaper: the ends of all children of the monitor, also of those that were orphaned below it.
//
// Thread-safety: the loop's thread. Ownership: owns the signal descriptor. A child is looked at
// before it is reaped, so that its number still means it when it is looked up.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/monitor/event_loop.h"

namespace onggi {

class ChildReaper {
 public:
  struct Callbacks {
    // PID has ended and is a zombie still. May reap it.
    std::function<void(pid_t pid)> ended;
    // It has been reaped; STATUS as of waitpid.
    std::function<void(pid_t pid, int status)> reaped;
  };
  ChildReaper(EventLoop* loop, Callbacks callbacks)
      : loop_(loop), callbacks_(std::move(callbacks)) {}
  ~ChildReaper();
  ChildReaper(const ChildReaper&) = delete;
  ChildReaper& operator=(const ChildReaper&) = delete;

  // SIGCHLD must be blocked.
  Result<> Start();

 private:
  void Reap();

  EventLoop* loop_;
  Callbacks callbacks_;
  UniqueFd signals_;
};

}  // namespace onggi
