#include "runtime/process/cgroup_join.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file_io.h"

namespace onggi {

Result<CgroupJoin> CgroupJoin::Open(const std::vector<std::string>& dirs, bool birth) {
  CgroupJoin join;
  for (const std::string& dir : dirs) {
    TRY_ASSIGN(UniqueFd procs, onggi::Open(dir + "/cgroup.procs", O_WRONLY));
    struct statfs fs {};
    if (birth && fstatfs(procs.get(), &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC) {
      TRY_ASSIGN(join.unified, onggi::Open(dir, O_PATH | O_DIRECTORY));
      continue;
    }
    join.procs.push_back(std::move(procs));
  }
  return join;
}

Result<> CgroupJoin::Join() const {
  for (const UniqueFd& file : procs) {
    if (write(file.get(), "0", 1) != 1) return SysError("write(cgroup.procs)");
  }
  return Ok();
}

std::vector<int> CgroupJoin::fds() const {
  std::vector<int> fds;
  for (const UniqueFd& file : procs) fds.push_back(file.get());
  return fds;
}

}  // namespace onggi
