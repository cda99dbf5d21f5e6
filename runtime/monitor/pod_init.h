// The pid 1 of a pod whose containers share one pid namespace: "onggi-init". It reaps what is
// orphaned and does nothing else; the monitor ends it.
//
// Containers of the pod can see it, so it must be worth nothing: no file descriptor, an empty
// read-only root, no capability, not dumpable.
//
// Thread-safety: for the one thread of a freshly cloned process.
#pragma once

#include "base/result.h"

namespace onggi {

// Gives up everything but the descriptor KEEP_FD.
Result<> BecomePodInit(int keep_fd);
// Closes that one too and reaps for ever.
[[noreturn]] void RunPodInit();

}  // namespace onggi
