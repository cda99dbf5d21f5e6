#include "runtime/process/pid_space.h"

#include <fcntl.h>
#include <sched.h>

#include "base/check.h"
#include "base/file_io.h"

namespace onggi {

Result<PidSpace> PidSpace::Enter(int fd) {
  if (fd < 0) return PidSpace(UniqueFd());
  TRY_ASSIGN(UniqueFd own, Open("/proc/self/ns/pid", O_RDONLY));
  if (setns(fd, CLONE_NEWPID) != 0) return SysError("setns(pid)");
  return PidSpace(std::move(own));
}

PidSpace::~PidSpace() {
  // The way back to where we ourselves are is always open; further children in there would be
  // wrong.
  if (own_.valid()) CHECK(setns(own_.get(), CLONE_NEWPID) == 0);
}

}  // namespace onggi
