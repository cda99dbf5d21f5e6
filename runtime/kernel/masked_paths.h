// Masked and read-only paths. A masked file is covered by the null device, a masked directory by
// one empty read-only tmpfs that all of them share. Only an absent path is skipped.
//
// Thread-safety: one thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace onggi {

Result<> MaskPaths(int root_fd, const std::vector<std::string>& paths);
Result<> MakeReadOnly(int root_fd, const std::vector<std::string>& paths);

}  // namespace onggi
