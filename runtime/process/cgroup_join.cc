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
    struct statfs fs {};
    if (statfs(dir.c_str(), &fs) != 0) return SysError("statfs(" + dir + ")");
    if (birth && fs.f_type == CGROUP2_SUPER_MAGIC) {
      TRY_ASSIGN(join.unified, onggi::Open(dir, O_PATH | O_DIRECTORY));
    } else {
      join.dirs.push_back(dir);
    }
  }
  return join;
}

Result<> CgroupJoin::Join(pid_t pid) const {
  const std::string value = std::to_string(pid);
  for (const std::string& dir : dirs) {
    TRY(WriteExisting(AT_FDCWD, dir + "/cgroup.procs", value).Wrap("join the cgroup"));
  }
  return Ok();
}

}  // namespace onggi
