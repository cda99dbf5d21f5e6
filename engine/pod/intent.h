// Intent: what a pod that has no record yet may have made, kept in its directory on the state file
// system, so that a daemon that died in between leaves nothing behind.
//
// Thread-safety: free functions.
#pragma once

#include <string>

#include "base/result.h"

namespace onggi {

struct Intent {
  std::string pod_id;
  std::string cgroup_path;
};

Result<> WriteIntent(const std::string& path, const Intent& intent);
// NotFound when there is none, DataLoss when it is cut off.
Result<Intent> ReadIntent(const std::string& path);

}  // namespace onggi
