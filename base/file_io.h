// Whole-file reads and writes with limits, relative to a directory fd (AT_FDCWD allowed).
// All of these block on the file system. Errors carry the path as given.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

inline constexpr size_t kDefaultReadLimit = 16 << 20;

// Opens with O_CLOEXEC added. Not for paths that an image or a pod names: those go through
// RootedPath.
Result<UniqueFd> OpenAt(int dir_fd, const std::string& path, int flags, mode_t mode = 0);
Result<UniqueFd> Open(const std::string& path, int flags, mode_t mode = 0);

// ResourceExhausted when the file holds more than LIMIT bytes. Works on /proc and /sys too.
Result<std::string> ReadFile(const std::string& path, size_t limit = kDefaultReadLimit);
Result<std::string> ReadFileAt(int dir_fd, const std::string& path,
                               size_t limit = kDefaultReadLimit);
Result<std::string> ReadAll(int fd, size_t limit = kDefaultReadLimit);

// Writes every byte or fails; retries EINTR and short writes.
Result<> WriteAll(int fd, std::string_view bytes);
// One write(2) to an existing file (cgroup, sysctl): the kernel sees the value whole.
Result<> WriteExisting(int dir_fd, const std::string& path, std::string_view value);
// Temporary file beside PATH, then rename: readers see the old content or the new. When SYNC is set
// both the file and its directory reach the disk before this returns.
Result<> WriteFileAtomic(const std::string& path, std::string_view bytes, mode_t mode = 0644,
                         bool sync = false);

// mkdir -p; existing directories are fine, their mode is left alone.
Result<> MakeDirs(const std::string& path, mode_t mode = 0755);
// rm -rf without following links and without crossing into mounts (bind mounts included:
// FailedPrecondition). Absent is success; any depth is fine. In remove_tree.cc.
Result<> RemoveTree(const std::string& path);
Result<> RemoveTreeAt(int dir_fd, const std::string& name);
// unlink; absent is success.
Result<> RemoveFile(const std::string& path);

bool PathExists(const std::string& path);

}  // namespace onggi
