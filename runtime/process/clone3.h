// clone3(2) as fork: the child runs on a copy of the caller's memory. The caller must be
// single-threaded.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

struct CloneRequest {
  uint64_t flags = 0;  // CLONE_NEW*; CLONE_PARENT makes a sibling instead of a child
  int cgroup_fd = -1;  // a cgroup2 directory to be born in (Linux 5.7)
};

struct ClonedChild {
  pid_t pid = 0;   // 0 in the child
  UniqueFd pidfd;  // the parent's
};

Result<ClonedChild> Clone3(const CloneRequest& request);

}  // namespace onggi
