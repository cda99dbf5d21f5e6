// The init stage: what a container's first process does between clone3 and execve.
//
// Thread-safety: runs in its own single-threaded process.
#pragma once

#include <cstdint>
#include <vector>

#include "base/unique_fd.h"
#include "runtime/process/cgroup_join.h"
#include "runtime/process/container_process.h"
#include "runtime/process/last_mile.h"

namespace onggi {

// Prepared by the parent; the child reads its copy.
struct InitPlan {
  InitPlan(const spec::Spec& s, const InitOptions& o, LastMile m)
      : spec(&s), options(&o), mile(std::move(m)) {}

  const spec::Spec* spec;
  const InitOptions* options;
  LastMile mile;
  CgroupJoin cgroup;
  struct Join {
    uint64_t flag = 0;
    int fd = -1;
  };
  std::vector<Join> joins;         // without "pid", which the parent enters for its child
  std::vector<UniqueFd> owned;     // fds of joins that were opened by path
  std::vector<UniqueFd> mappings;  // per mount: the id map of an idmapped bind
  int pid_space = -1;
  int user_space = -1;     // joined: entered by an intermediate process
  uint64_t new_flags = 0;  // of clone3
  bool new_user = false;
  bool new_cgroup = false;
  pid_t parent = 0;
};

[[noreturn]] void RunInit(InitPlan& plan, int channel);

}  // namespace onggi
