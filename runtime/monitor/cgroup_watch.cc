#include "runtime/monitor/cgroup_watch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

std::vector<pid_t> PidsIn(const std::string& dir) {
  std::vector<pid_t> pids;
  auto text = ReadFile(dir + "/cgroup.procs");
  if (!text) return pids;
  for (std::string_view line : Split(*text, '\n')) {
    auto pid = ParseInt(line);
    if (pid && *pid > 0) pids.push_back(static_cast<pid_t>(*pid));
  }
  return pids;
}

// For hierarchies without cgroup.kill: until a look finds nobody. A bounded number of looks, so
// that a fork bomb cannot hold the monitor.
void KillOneByOne(const std::string& dir) {
  constexpr int kLooks = 50;
  for (int i = 0; i < kLooks; ++i) {
    std::vector<pid_t> pids = PidsIn(dir);
    if (pids.empty()) return;
    for (pid_t pid : pids) {
      UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
      if (!pidfd.valid()) continue;
      // The number could have been reused before it was held: it still has to be in the group.
      std::vector<pid_t> still = PidsIn(dir);
      if (std::find(still.begin(), still.end(), pid) == still.end()) continue;
      (void)syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);  // ended: fine
    }
  }
}

}  // namespace

size_t TrackingDir(const std::vector<std::string>& dirs) {
  size_t best = dirs.size();
  for (size_t i = 0; i < dirs.size(); ++i) {
    if (PathExists(dirs[i] + "/cgroup.kill")) return i;
    if (PathExists(dirs[i] + "/freezer.state")) best = i;
    if (best == dirs.size() && PathExists(dirs[i] + "/pids.current")) best = i;
  }
  return best;
}

void KillCgroup(const std::vector<std::string>& dirs) {
  size_t at = TrackingDir(dirs);
  if (at == dirs.size()) return;
  if (WriteExisting(AT_FDCWD, dirs[at] + "/cgroup.kill", "1")) return;
  KillOneByOne(dirs[at]);
}

uint64_t CountOomKills(const std::vector<std::string>& dirs) {
  for (const std::string& dir : dirs) {
    for (const char* file : {"/memory.oom_control", "/memory.events"}) {
      auto text = ReadFile(dir + file);
      if (!text) continue;
      for (std::string_view line : Split(*text, '\n')) {
        constexpr std::string_view kKey = "oom_kill ";
        if (line.starts_with(kKey)) return ParseUint(line.substr(kKey.size())).value_or(0);
      }
    }
  }
  return 0;
}

}  // namespace onggi
