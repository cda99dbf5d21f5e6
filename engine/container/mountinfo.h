// The mount table of this process: /proc/self/mountinfo, as proc_pid_mountinfo(5) describes it.
//
// Thread-safety: free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onggi {

struct MountInfo {
  std::string mountpoint;
  bool shared = false;
  bool slave = false;
};

// Lines that do not parse are left out.
std::vector<MountInfo> ParseMountInfo(std::string_view text);
Result<std::vector<MountInfo>> ReadMountInfo();

// The mount that PATH (absolute, resolved) lies on: the longest mount point above it, the last of
// equal ones. Null when TABLE has none.
const MountInfo* MountOf(const std::vector<MountInfo>& table, const std::string& path);

}  // namespace onggi
