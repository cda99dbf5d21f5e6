// Cgroup: one control group, under whatever layout the node has.
//
// Words
//   layout    v1: one hierarchy per controller; hybrid: v1, and a cgroup2 mount without controllers
//             (used for cgroup.kill and CLONE_INTO_CGROUP); v2: one hierarchy
//   path      "/kubepods/pod1/c1": below the root of every hierarchy. Components are checked: no
//             "..", no empty one
//   dirs      where the path is: one directory per hierarchy
//
// A new cgroup of v1 takes over its parent's cpuset, so that processes can be put into it; under v2
// the controllers are enabled on the way down. Resource values are the specification's (v1 words);
// v2 values are computed from them as runc and crun do. No file above the cgroup itself is written,
// except cgroup.subtree_control of v2 on the way.
//
// Thread-safety: const methods from any thread; the object is a value (a path and directory names).
// All calls block on the kernel (cgroup locks), none on a disk. NotFound and InvalidArgument mean
// the path or the resources. Privilege: root, or a delegated subtree.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi {

enum class CgroupLayout { kV1, kHybrid, kV2 };

// The cgroup file systems of this node, read once from /proc/self/mountinfo.
struct CgroupHierarchy {
  std::string mount;                     // "/sys/fs/cgroup/memory"
  std::vector<std::string> controllers;  // {"memory"}; v2: what cgroup.controllers lists; hybrid
                                         // unified: empty
  bool v2 = false;
};
struct CgroupMounts {
  CgroupLayout layout = CgroupLayout::kV1;
  std::vector<CgroupHierarchy> hierarchies;
};
// FailedPrecondition when no cgroup file system is mounted.
Result<CgroupMounts> DetectCgroups();

class Cgroup {
 public:
  // Makes the group and what lacks above it, in each hierarchy. An existing one is taken as it is.
  static Result<Cgroup> Create(const std::string& path);
  // NotFound when it is in no hierarchy.
  static Result<Cgroup> Open(const std::string& path);
  // From what an earlier process stored: dirs() of the same node.
  static Result<Cgroup> FromDirs(const std::string& path, std::vector<std::string> dirs);

  const std::string& path() const { return path_; }
  CgroupLayout layout() const { return layout_; }
  // For joining: write a pid to cgroup.procs of each, or clone3 into the one of v2.
  const std::vector<std::string>& dirs() const { return dirs_; }
  // The directory that has CONTROLLER ("memory", "cpu", "pids", ...); "" when the node has none.
  // With v2 it is the same for all.
  std::string DirOf(std::string_view controller) const;

  // Writes what is set in RESOURCES and leaves the rest. A value that the kernel refuses is an
  // error naming the file and value; a controller that the node lacks is an error only when a limit
  // was asked of it. Device rules replace the earlier ones.
  Result<> Apply(const spec::Resources& resources) const;
  // Puts the process into the group, in every hierarchy. 0 is the caller.
  Result<> Join(pid_t pid) const;

  // Returns when all processes are frozen (DeadlineExceeded after 10 s) or thawed.
  Result<> Freeze() const;
  Result<> Thaw() const;
  Result<bool> IsFrozen() const;

  // Processes of the group and of the groups below, each once.
  Result<std::vector<pid_t>> Pids() const;
  // SIGKILL to every process in it and below: cgroup.kill where a cgroup2 is mounted (Linux 5.14),
  // else freezer and pidfds. Returns without waiting for their end.
  Result<> KillAll() const;
  // Removes the group and those below it; waits up to TIMEOUT for processes that still end. Absent
  // is success.
  Result<> Remove(std::chrono::milliseconds timeout = std::chrono::seconds(5)) const;

  // "oom_kill" of memory.oom_control (v1) or memory.events (v2): processes killed so far. 0 when
  // the node cannot tell.
  uint64_t OomKills() const;

 private:
  Cgroup(std::string path, CgroupLayout layout, std::vector<std::string> dirs)
      : path_(std::move(path)), layout_(layout), dirs_(std::move(dirs)) {}
  // The cgroup2 directory, "" under pure v1.
  std::string UnifiedDir() const;
  Result<> KillOneByOne() const;

  std::string path_;
  CgroupLayout layout_;
  std::vector<std::string> dirs_;
};

// What every container may use besides its own rules: null, zero, full, random, urandom, tty,
// console, ptmx, pts (read, write, mknod).
std::vector<spec::DeviceRule> DefaultDeviceRules();

}  // namespace onggi
