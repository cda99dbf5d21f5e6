// Foreground: waits for a container's process as its terminal's program does. Signals that reach us
// go to it, a terminal of it is copied to ours.
//
// Thread-safety: one thread; blocks until the process ended. BlockSignals must come before the
// process is made, so that none is lost.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

// The signals that are forwarded, and SIGCHLD, as a descriptor.
Result<UniqueFd> BlockSignals();

// Exit code, or 128 + signal. TERMINAL_MASTER may be invalid.
Result<int> WaitInForeground(int signal_fd, int pidfd, UniqueFd terminal_master);

}  // namespace onggi
