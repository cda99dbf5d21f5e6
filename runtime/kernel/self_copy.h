// Self copy: the program that enters containers runs from a file that nobody can write, so that a
// container which reaches /proc/PID/exe cannot change the installed program (CVE-2019-5736).
//
// A detached read-only clone of the program's mount is used (no byte is copied); where the kernel
// has no open_tree, a sealed memfd.
//
// Thread-safety: called first in main, single-threaded.
#pragma once

#include "base/result.h"

namespace onggi {

// Returns when the running program is such a copy already; otherwise execs itself and returns only
// errors.
Result<> EnsureReadOnlySelf(char** argv, char** envp);

}  // namespace onggi
