// The default seccomp profile (CRI's RuntimeDefault): what containers may call.
//
// Everything that is not listed answers EPERM. Some calls come with a capability (mount with
// SYS_ADMIN), some with certain arguments. Facts (which calls) are those of the profile that
// containerd and moby share since 2023: no io_uring, no AF_ALG, no AF_VSOCK.
//
// Thread-safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/container/container_config.h"
#include "runtime/spec/spec.h"

namespace onggi {

// For a process with the capabilities HAS (its bounding set).
spec::Seccomp DefaultSeccomp(const std::vector<std::string>& has);

// A profile in a file: the specification's "linux.seccomp" as JSON, at most 1 MiB. InvalidArgument
// naming PATH when it is missing or not one.
Result<spec::Seccomp> LoadSeccompFile(const std::string& path);

// The tables of seccomp_profile_table.cc.
struct SeccompNames {
  const char* const* names;
  size_t count;
};
SeccompNames AlwaysAllowedCalls();
struct CapabilityCalls {
  const char* capability;
  SeccompNames calls;
};
const std::vector<CapabilityCalls>& CallsByCapability();

}  // namespace onggi
