// What a monitor does with the cgroups of its containers, which the daemon makes and removes: kill
// what is in them, and see whether the kernel ran out of their memory.
//
// Thread-safety: free functions without state. Reads and writes of cgroup files do not wait for
// processes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace onggi {

// DIRS is one group: its directory in each hierarchy.

// SIGKILL to all in the group and below. Returns before they have ended. The group may be gone.
void KillCgroup(const std::vector<std::string>& dirs);

// Processes of the group that the kernel killed for want of memory; 0 when it does not say.
uint64_t CountOomKills(const std::vector<std::string>& dirs);

// The one of DIRS where a group below costs least and holds what is forked in it: cgroup2, else
// the freezer, else pids; dirs.size() when there is none.
size_t TrackingDir(const std::vector<std::string>& dirs);

}  // namespace onggi
