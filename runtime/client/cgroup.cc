#include "runtime/client/cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/strings.h"
#include "runtime/client/cgroup_files.h"

namespace onggi {
namespace {

constexpr auto kFreezeTimeout = std::chrono::seconds(10);
constexpr int kKillRounds = 100;  // a fork bomb loses: the group is frozen while it is killed

void Nap(std::chrono::microseconds time) {
  std::this_thread::sleep_for(time);
}

// "key value" lines, as memory.events and cgroup.events have them.
uint64_t KeyedValue(const std::string& path, std::string_view key) {
  const Result<std::string> text = ReadFile(path);
  if (!text) return 0;
  for (std::string_view line : Split(*text, '\n')) {
    const std::vector<std::string_view> fields = Split(line, ' ');
    if (fields.size() == 2 && fields[0] == key) return ParseUint(fields[1]).value_or(0);
  }
  return 0;
}

}  // namespace

Result<Cgroup> Cgroup::Create(const std::string& path) {
  TRY_ASSIGN(const CgroupMounts* mounts, KnownCgroups());
  TRY_ASSIGN(const std::vector<std::string> components, CgroupComponents(path));
  Cgroup group(path, mounts->layout, {});
  for (const CgroupHierarchy& hierarchy : mounts->hierarchies) {
    group.dirs_.push_back(hierarchy.mount + path);
    TRY(hierarchy.v2 ? MakeV2Dirs(hierarchy, components) : MakeV1Dirs(hierarchy, components));
  }
  return group;
}

Result<Cgroup> Cgroup::Open(const std::string& path) {
  TRY_ASSIGN(const CgroupMounts* mounts, KnownCgroups());
  TRY_ASSIGN(const std::vector<std::string> components, CgroupComponents(path));
  Cgroup group(path, mounts->layout, {});
  bool found = false;
  for (const CgroupHierarchy& hierarchy : mounts->hierarchies) {
    group.dirs_.push_back(hierarchy.mount + path);
    found = found || PathExists(group.dirs_.back());
  }
  if (!found) return NotFound("cgroup " + path);
  return group;
}

Result<Cgroup> Cgroup::FromDirs(const std::string& path, std::vector<std::string> dirs) {
  TRY_ASSIGN(const CgroupMounts* mounts, KnownCgroups());
  return Cgroup(path, mounts->layout, std::move(dirs));
}

std::string Cgroup::DirOf(std::string_view controller) const {
  const Result<const CgroupMounts*> mounts = KnownCgroups();
  if (!mounts) return {};
  for (const CgroupHierarchy& hierarchy : (*mounts)->hierarchies) {
    const auto& names = hierarchy.controllers;
    if (std::find(names.begin(), names.end(), controller) != names.end()) {
      return hierarchy.mount + path_;
    }
  }
  // freezer, devices and cpuacct are no controllers of v2, but part of every group.
  return layout_ == CgroupLayout::kV2 &&
                 (controller == "freezer" || controller == "devices" || controller == "cpuacct")
             ? UnifiedDir()
             : std::string();
}

std::string Cgroup::UnifiedDir() const {
  const Result<const CgroupMounts*> mounts = KnownCgroups();
  if (!mounts) return {};
  for (const CgroupHierarchy& hierarchy : (*mounts)->hierarchies) {
    if (hierarchy.v2) return hierarchy.mount + path_;
  }
  return {};
}

Result<> Cgroup::Apply(const spec::Resources& resources) const {
  if (layout_ == CgroupLayout::kV2) return ApplyV2(UnifiedDir(), resources);
  return ApplyV1(*this, resources);
}

Result<> Cgroup::Join(pid_t pid) const {
  for (const std::string& dir : dirs_) {
    TRY(WriteCgroupFile(dir, "cgroup.procs", std::to_string(pid)));
  }
  return Ok();
}

Result<> Cgroup::Freeze() const {
  const bool v2 = layout_ == CgroupLayout::kV2;
  const std::string dir = v2 ? UnifiedDir() : DirOf("freezer");
  if (dir.empty()) return FailedPrecondition("this node has no freezer cgroup");
  TRY(WriteCgroupFile(dir, v2 ? "cgroup.freeze" : "freezer.state", v2 ? "1" : "FROZEN"));
  const int64_t deadline = MonotonicNanos() + Nanos(kFreezeTimeout).count();
  for (;;) {
    TRY_ASSIGN(const bool frozen, IsFrozen());
    if (frozen) return Ok();
    if (MonotonicNanos() > deadline) break;
    Nap(std::chrono::microseconds(200));
    // v1 can stay FREEZING when a task forked meanwhile; writing again looks at all tasks anew.
    if (!v2) TRY(WriteCgroupFile(dir, "freezer.state", "FROZEN"));
  }
  (void)Thaw();  // half frozen would be worse than the error that is told
  return DeadlineExceeded("cgroup " + path_ + " does not freeze");
}

Result<> Cgroup::Thaw() const {
  if (layout_ == CgroupLayout::kV2) return WriteCgroupFile(UnifiedDir(), "cgroup.freeze", "0");
  const std::string dir = DirOf("freezer");
  if (dir.empty()) return FailedPrecondition("this node has no freezer cgroup");
  return WriteCgroupFile(dir, "freezer.state", "THAWED");
}

Result<bool> Cgroup::IsFrozen() const {
  if (layout_ == CgroupLayout::kV2) {
    return KeyedValue(UnifiedDir() + "/cgroup.events", "frozen") == 1;
  }
  TRY_ASSIGN(const std::string state, ReadFile(DirOf("freezer") + "/freezer.state"));
  return Trim(state) == "FROZEN";
}

Result<std::vector<pid_t>> Cgroup::Pids() const {
  std::set<pid_t> pids;
  for (const std::string& top : dirs_) {
    for (const std::string& dir : CgroupTree(top)) {
      const Result<std::string> text = ReadFile(dir + "/cgroup.procs");
      if (!text) continue;  // removed while we walked
      for (std::string_view line : Split(*text, '\n')) {
        // 0 stands for a process of a pid namespace that we cannot see.
        if (const auto pid = ParseInt(line); pid && *pid > 0) pids.insert(static_cast<pid_t>(*pid));
      }
    }
    if (!pids.empty()) break;  // every process is in each hierarchy
  }
  return std::vector<pid_t>(pids.begin(), pids.end());
}

Result<> Cgroup::KillAll() const {
  const std::string unified = UnifiedDir();
  if (!unified.empty() && CgroupFileExists(unified, "cgroup.kill")) {
    TRY(WriteCgroupFile(unified, "cgroup.kill", "1"));
    if (layout_ == CgroupLayout::kV2) return Ok();
    (void)Thaw();  // v1's freezer holds even SIGKILL; without a freezer nothing is frozen
  }
  // Under the hybrid layout someone may have joined the v1 groups only.
  return KillOneByOne();
}

Result<> Cgroup::KillOneByOne() const {
  for (int round = 0; round < kKillRounds; ++round) {
    TRY_ASSIGN(const std::vector<pid_t> pids, Pids());
    if (pids.empty()) return Ok();
    for (const pid_t pid : pids) {
      const UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
      if (!pidfd.valid()) continue;  // ended meanwhile
      // The number may have been reused between the read and the open: ask again, now that it is
      // held.
      TRY_ASSIGN(const std::vector<pid_t> still, Pids());
      if (!std::binary_search(still.begin(), still.end(), pid)) continue;
      (void)syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);  // ESRCH: ended
    }
    if (DirOf("freezer") != "") (void)Thaw();
    Nap(std::chrono::microseconds(500));
  }
  return Ok();
}

Result<> Cgroup::Remove(std::chrono::milliseconds timeout) const {
  const int64_t deadline = MonotonicNanos() + Nanos(timeout).count();
  for (auto nap = std::chrono::microseconds(50);;
       nap = std::min(nap * 2, std::chrono::microseconds(10'000))) {
    int failure = 0;
    std::string failed;
    for (const std::string& top : dirs_) {
      // The plain case first: no walk when nothing is below.
      if (rmdir(top.c_str()) == 0 || errno == ENOENT) continue;
      for (const std::string& dir : CgroupTree(top)) {
        if (rmdir(dir.c_str()) == 0 || errno == ENOENT) continue;
        failure = errno;
        failed = dir;
      }
    }
    if (failure == 0) return Ok();
    if (failure != EBUSY || MonotonicNanos() > deadline) {
      return SysError("rmdir(" + failed + ")", failure);
    }
    Nap(nap);
  }
}

uint64_t Cgroup::OomKills() const {
  const std::string dir = DirOf("memory");
  if (dir.empty()) return 0;
  return layout_ == CgroupLayout::kV2 ? KeyedValue(dir + "/memory.events", "oom_kill")
                                      : KeyedValue(dir + "/memory.oom_control", "oom_kill");
}

}  // namespace onggi
