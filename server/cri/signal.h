// CRI's numbers for signals, which are not Linux's.
//
// Thread-safety: any thread.
#pragma once

#include "base/result.h"
#include "proto/runtime/v1/api.pb.h"

namespace onggi {

// 0 for RUNTIME_DEFAULT; InvalidArgument for a number that CRI does not know.
Result<int> SignalFromCri(::runtime::v1::Signal signal);
// SIGNAL_RUNTIME_DEFAULT for a number that CRI has no name for.
::runtime::v1::Signal SignalToCri(int signal);

}  // namespace onggi
