// Copies of inodes and trees with all that a layer may hold: owners, modes, times, xattrs, hard
// links, devices. Data is shared by reflink where the file system can (FICLONE), else copied inside
// the kernel.
//
// Follows no symbolic link; everything is relative to directory fds. Thread-safety: free functions,
// one TreeCopier for one thread. They block on the disk and need root.
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

// Copies many inodes into one target tree and keeps the hard links among them. FROM trees must not
// change meanwhile.
class TreeCopier {
 public:
  // TARGET: the root of what is written; borrowed.
  explicit TreeCopier(int target) : target_(target) {}

  // One inode that is no directory: NAME of directory FROM becomes NAME of directory TO, which is
  // PATH below the target ("" for the target itself). Nothing may be there.
  Result<> CopyInode(int from, const std::string& name, int to, const std::string& path);

  // Lays the layer FROM (overlayfs's form) over what directory TO holds: whiteouts delete, opaque
  // directories hide. TO is PATH below the target.
  Result<> Merge(int from, int to, const std::string& path);

 private:
  Result<> MergeEntry(int from, const std::string& name, int to, const std::string& path);
  Result<> MergeDirectory(int from, const std::string& name, int to, const std::string& path);

  int target_;
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;  // first path below the target
};

// A readable fd of directory NAME of DIR, which is no link.
Result<UniqueFd> OpenDirectory(int dir, const std::string& name);

// FailedPrecondition for a path longer than PATH_MAX.
Result<> CheckPathLength(const std::string& path);

// "PATH/NAME", or NAME alone below the target itself.
std::string Below(const std::string& path, const std::string& name);

}  // namespace onggi
