// oom_score_adj of the calling process.
#pragma once

#include "base/result.h"
#include "runtime/kernel/procfs.h"

namespace onggi {

// Without CAP_SYS_RESOURCE the kernel refuses less than what the process was born with: then it
// keeps that, the lowest that it can have.
Result<> SetOomScoreAdj(const Procfs& procfs, int value);

}  // namespace onggi
