// CopyTree: the content of one directory into another, for tmpfs mounts with "tmpcopyup".
// Directories, regular files and links with owner, mode and times; other kinds are left out. Works
// on fds only, follows no link, and stops at 10,000 entries (ResourceExhausted).
//
// Thread-safety: one thread. Blocks on the disk.
#pragma once

#include "base/result.h"

namespace onggi {

Result<> CopyTree(int from_dir, int to_dir);

}  // namespace onggi
