// Seccomp: a profile of config.json as a BPF program (seccomp(2)), through libseccomp.
//
// On top of what the profile says:
//   - int arguments are compared in their low 32 bits, as the kernel reads them: no call slips
//     through with other high bits (threat C24);
//   - x32 calls are killed with every other foreign architecture that the profile does not list;
//   - calls newer than any that the profile names answer ENOSYS instead of EPERM, and so does
//     clone3 when the profile is silent about it: C libraries then fall back.
//
// Thread-safety: free functions. Compiling costs milliseconds; callers keep the result.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi {

// InvalidArgument for unknown actions, architectures or operators; Unimplemented for
// SCMP_ACT_NOTIFY. Names of calls that this machine does not know are skipped.
Result<std::vector<sock_filter>> CompileSeccomp(const spec::Seccomp& seccomp);

// SECCOMP_FILTER_FLAG_* of the profile's flags; none given is SPEC_ALLOW, as runc has it.
Result<unsigned int> SeccompFlags(const spec::Seccomp& seccomp);

// Loads it into the calling thread. 0 or errno; allocates nothing.
int LoadSeccomp(const std::vector<sock_filter>& program, unsigned int flags);

}  // namespace onggi
