#include "runtime/kernel/idmap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_io.h"
#include "runtime/process/clone3.h"

namespace onggi {

std::string FormatIdMap(const std::vector<spec::IdMapping>& mappings) {
  std::string text;
  for (const spec::IdMapping& mapping : mappings) {
    text += std::to_string(mapping.container_id) + " " + std::to_string(mapping.host_id) + " " +
            std::to_string(mapping.size) + "\n";
  }
  return text;
}

Result<> WriteIdMaps(const Procfs& procfs, pid_t pid, const std::vector<spec::IdMapping>& uids,
                     const std::vector<spec::IdMapping>& gids) {
  const std::string base = std::to_string(pid) + "/";
  if (!uids.empty()) TRY(procfs.WriteAndVerify(base + "uid_map", FormatIdMap(uids)));
  if (!gids.empty()) TRY(procfs.WriteAndVerify(base + "gid_map", FormatIdMap(gids)));
  return Ok();
}

Result<UniqueFd> MakeMappingNamespace(const std::vector<spec::IdMapping>& uids,
                                      const std::vector<spec::IdMapping>& gids) {
  TRY_ASSIGN(const Procfs procfs, Procfs::Open());
  TRY_ASSIGN(const ClonedChild child, Clone3({.flags = CLONE_NEWUSER}));
  if (child.pid == 0) {
    for (;;) pause();  // carries the namespace until it is killed
  }
  Result<> written = WriteIdMaps(procfs, child.pid, uids, gids);
  Result<UniqueFd> space = Open("/proc/" + std::to_string(child.pid) + "/ns/user", O_RDONLY);
  (void)syscall(SYS_pidfd_send_signal, child.pidfd.get(), SIGKILL, nullptr,
                0);  // ours: cannot fail
  (void)waitpid(child.pid, nullptr, 0);
  TRY(std::move(written));
  return space;
}

}  // namespace onggi
