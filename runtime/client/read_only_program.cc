#include "runtime/client/read_only_program.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/mutex.h"

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

namespace onggi {
namespace {

Result<UniqueFd> CloneMount(int fd) {
  UniqueFd clone(static_cast<int>(
      syscall(SYS_open_tree, fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH)));
  if (!clone.valid()) return SysError("open_tree");
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  attributes.propagation = MS_PRIVATE;
  if (syscall(SYS_mount_setattr, clone.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) !=
      0) {
    return SysError("mount_setattr");
  }
  return clone;
}

Result<UniqueFd> SealedCopy(int fd) {
  UniqueFd copy(memfd_create("onggi-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy.valid()) return SysError("memfd_create");
  off_t from = 0;
  ssize_t sent;
  while ((sent = sendfile(copy.get(), fd, &from, 64 << 20)) > 0) {
  }
  if (sent < 0) return SysError("sendfile");
  if (fchmod(copy.get(), 0511) != 0) return SysError("fchmod");
  if (fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) !=
      0) {
    return SysError("fcntl(F_ADD_SEALS)");
  }
  return copy;
}

struct Known {
  Mutex mutex;
  std::string path GUARDED_BY(mutex);
  struct stat st GUARDED_BY(mutex) = {};
  std::shared_ptr<const ReadOnlyProgram> program GUARDED_BY(mutex);
};

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

Result<std::shared_ptr<const ReadOnlyProgram>> ReadOnlyProgram::Open(const std::string& path) {
  static Known& known = *new Known;  // lives as long as the process: threads may spawn at its end
  struct stat st {};
  if (stat(path.c_str(), &st) != 0) return SysError("stat(" + path + ")");
  MutexLock lock(known.mutex);
  if (known.program && known.path == path && SameFile(known.st, st)) return known.program;
  TRY_ASSIGN(UniqueFd file, onggi::Open(path, O_RDONLY));
  auto copy = CloneMount(file.get());
  if (!copy) copy = SealedCopy(file.get());
  if (!copy) return std::move(copy).error().Wrap(path);
  known.program = std::make_shared<const ReadOnlyProgram>(std::move(*copy));
  known.path = path;
  known.st = st;
  return known.program;
}

}  // namespace onggi
