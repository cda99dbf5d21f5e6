// What a new child does with the descriptors, signals and session that it was born with.
//
// Thread-safety: for a single-threaded child.
#pragma once

#include <vector>

#include "base/result.h"
#include "runtime/process/container_process.h"

namespace onggi {

// Closes every fd from 3 on except KEEP: a waiting init must not hold the pipes of others.
Result<> CloseAllBut(std::vector<int> keep);
// Puts STDIO onto 0, 1 and 2, in any permutation.
Result<> PlaceStdio(const ContainerStdio& stdio);
// Empty mask and default dispositions.
void ResetSignals();
// SIGKILL when the parent ends; refuses when it has ended already.
Result<> DieWithParent(pid_t parent);
void OutliveParent();
// A program that runs as UID can reopen /dev/stdout and the like: pipes and terminals become its.
Result<> OwnStdio(uid_t uid);

}  // namespace onggi
