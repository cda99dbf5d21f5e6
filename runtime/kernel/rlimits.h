// Resource limits by the specification's names.
//
// Thread-safety: free functions.
#pragma once

#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi {

// Sets them for the calling process. InvalidArgument for an unknown or repeated name.
Result<> ApplyRlimits(const std::vector<spec::Rlimit>& limits);

}  // namespace onggi
