// How a new process gets into its cgroup: the files are opened by the parent, so that a child in a
// user namespace may write to them, and a cgroup2 directory goes to clone3.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

struct CgroupJoin {
  std::vector<UniqueFd> procs;  // cgroup.procs of each v1 hierarchy
  UniqueFd unified;             // the cgroup2 directory; invalid when there is none

  // BIRTH lets clone3 place the child; without it the cgroup2 group is joined by writing, too.
  static Result<CgroupJoin> Open(const std::vector<std::string>& dirs, bool birth);
  // In the child.
  Result<> Join() const;
  std::vector<int> fds() const;
};

}  // namespace onggi
