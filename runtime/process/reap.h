// Ends of children, through their pidfds.
//
// Thread-safety: one thread.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

// Waits for the end. A child that someone else has reaped is fine.
void Reap(int pidfd);
void KillAndReap(int pidfd);

// The answer of a released child on its channel: success when execve happened. A terminal that
// comes on the way is put into MASTER.
Result<> AwaitExecution(int channel, UniqueFd& master);

}  // namespace onggi
