// The probe: what a process can see and do where it stands. Each part fills one member of the
// document. Nothing here changes the container for later, and system calls that could block or end
// the process are tried in children.
//
// Thread-safety: one thread.
#pragma once

#include <functional>

#include "base/json.h"

namespace onggi::probe {

Json Identity();     // uid, gid, groups, capability sets, no_new_privs, seccomp, umask, limits, ...
Json Namespaces();   // name -> inode
Json Mounts();       // one object per line of mountinfo
Json Descriptors();  // fd -> target
Json Paths();        // masked and read-only paths: what reading and writing them answers
Json Devices();      // mknod and open of allowed and forbidden devices: errno by "c 1:3"
Json Syscalls();     // number -> errno, each with zero arguments, in a child
Json Arguments();    // calls whose arguments are filtered, with high bits set, too

// errno of CALL in a child process; -1 when a signal ended it (the number is in "signal").
int ErrnoInChild(const std::function<long()>& call);

}  // namespace onggi::probe
