// The start socket: how "start", another process than "create", tells a waiting init to go on.
// Bound below the container's state directory (0700).
//
// Thread-safety: free functions.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

// Listens at DIRECTORY/NAME; the length of DIRECTORY does not matter.
Result<UniqueFd> ListenForStart(const std::string& directory, const std::string& name);

}  // namespace onggi
