// A container's spec as its pod wants it.
//
// Thread-safety: free functions on values.
#pragma once

#include "runtime/client/monitor_client.h"
#include "runtime/spec/spec.h"

namespace onggi {

// Whose pid namespace a container lives in.
enum class PidSource { kOwn, kPod, kTarget, kHost };

// The pod decides about network, ipc, uts, user and pid: entries of these types without a path are
// taken out (what the monitor is in is inherited) or put in. A mount namespace of its own is never
// missing. An oom_score_adj that is not given is 0, not the monitor's.
void FitSpecToPod(spec::Spec& spec, PidSource pid, bool pod_has_user_namespace);

// What execs need of the spec later; the rest is let go, because it lives as long as the container.
spec::Spec KeptSpec(spec::Spec spec);

}  // namespace onggi
