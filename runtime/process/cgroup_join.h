// How a new process gets into its cgroup. Moving a process between v1 groups waits for an RCU grace
// period, milliseconds of sleep, so the parent does it while the child builds its world; a cgroup2
// directory goes to clone3, which moves nothing.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

struct CgroupJoin {
  std::vector<std::string> dirs;  // to join by writing
  UniqueFd unified;               // the cgroup2 directory; invalid when there is none

  // BIRTH lets clone3 place the child; without it the cgroup2 group is joined by writing, too.
  static Result<CgroupJoin> Open(const std::vector<std::string>& dirs, bool birth);
  // In the parent.
  Result<> Join(pid_t pid) const;
};

}  // namespace onggi
