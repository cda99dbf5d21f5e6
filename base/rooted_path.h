// RootedPath: the only way to a path that an image, a pod or an archive names.
//
// Resolution is openat2(2) with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS below a root directory fd
// (Linux 5.6): absolute links and ".." stay inside, /proc's magic links are refused. What comes
// back is an fd; no path string survives. EAGAIN (a rename raced with a "..") is retried a bounded
// number of times.
//
// Thread-safety: const methods from any thread. Ownership: the root fd is borrowed and must outlive
// it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class RootedPath {
 public:
  explicit RootedPath(int root_fd) : root_fd_(root_fd) {}

  // Opens PATH below the root. O_CLOEXEC is added. Never creates: see the calls below.
  Result<UniqueFd> Open(std::string_view path, int flags) const;
  // The same, refusing every symbolic link on the way (ELOOP).
  Result<UniqueFd> OpenNoLinks(std::string_view path, int flags) const;

  // mkdir -p below the root; links on the way are followed inside the root. The O_PATH fd of the
  // last.
  Result<UniqueFd> MakeDirs(std::string_view path, mode_t mode) const;

  // The directory that holds the last component of PATH (it must exist), and that component's name.
  struct Parent {
    UniqueFd dir;
    std::string name;
  };
  Result<Parent> OpenParent(std::string_view path) const;

 private:
  int root_fd_;
};

// openat2 with RESOLVE flags of the caller's choice; EAGAIN and EINTR handled.
Result<UniqueFd> OpenAt2(int dir_fd, std::string_view path, int flags, uint64_t resolve);

// "/proc/self/fd/N": to hand an O_PATH fd to a call that takes only paths (mount(2), chown of
// O_PATH).
std::string ProcFdPath(int fd);

}  // namespace onggi
