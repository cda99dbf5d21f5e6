#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {

Result<FileLock> FileLock::Acquire(const std::string& path) {
  TRY_ASSIGN(UniqueFd fd, Open(path, O_RDWR | O_CREAT, 0600));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SysError("flock(" + path + ")");
    std::string holder = ReadAll(fd.get(), 64).value_or("");
    return FailedPrecondition(path + " is held by process " +
                              (holder.empty() ? "unknown" : std::string(Trim(holder))));
  }
  if (ftruncate(fd.get(), 0) != 0) return SysError("ftruncate(" + path + ")");
  TRY(WriteAll(fd.get(), std::to_string(getpid()) + "\n").Wrap(path));
  return FileLock(std::move(fd));
}

}  // namespace onggi
