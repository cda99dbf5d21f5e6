// DiffTrees: what makes one tree out of another, as a layer in overlayfs's form.
#pragma once

#include <ctime>

#include "base/result.h"

namespace onggi {

struct DiffInput {
  int before;  // directory fds, borrowed
  int after;
  // An inode of AFTER whose status did not change since then is the copy of BEFORE's that was made
  // earlier: its contents are not compared.
  timespec untouched_before;
};

// Writes into the empty directory OUT what was added or changed in AFTER, and a whiteout for what
// is gone. Files are compared by attributes, xattrs and contents. Blocks: walks both trees.
Result<> DiffTrees(const DiffInput& input, int out);

}  // namespace onggi
