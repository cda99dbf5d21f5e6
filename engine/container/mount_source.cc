// The host's side of bind mounts: ResolveMounts of mount_table.h.
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "engine/container/mount_table.h"
#include "engine/container/mountinfo.h"

namespace onggi {
namespace {

using Propagation = ContainerMount::Propagation;

Result<> ResolveSource(ContainerMount& mount) {
  if (!PathExists(mount.host_path)) {
    // The CRI's text says error; kubelet and both other engines count on the directory being made.
    TRY(MakeDirs(mount.host_path).Wrap("mount source " + Quote(mount.host_path)));
  }
  char real[PATH_MAX];
  if (realpath(mount.host_path.c_str(), real) == nullptr) {
    return InvalidArgument("mounts.host_path: " + Quote(mount.host_path) +
                           " cannot be resolved: " + SysError("realpath").message());
  }
  mount.host_path = real;
  return Ok();
}

Result<> CheckPropagation(const ContainerMount& mount, const std::vector<MountInfo>& table) {
  const MountInfo* at = MountOf(table, mount.host_path);
  if (at == nullptr) return FailedPrecondition("no mount holds " + Quote(mount.host_path));
  bool shared = at->shared, slave = at->slave;
  bool good = mount.propagation == Propagation::kBidirectional ? shared : shared || slave;
  if (good) return Ok();
  return FailedPrecondition("mounts.propagation: path " + Quote(mount.host_path) +
                            " is mounted on " + Quote(at->mountpoint) + " but it is not a shared" +
                            (mount.propagation == Propagation::kBidirectional ? "" : " or slave") +
                            " mount");
}

}  // namespace

Result<> ResolveMounts(std::vector<ContainerMount>& mounts) {
  std::vector<MountInfo> table;
  for (ContainerMount& mount : mounts) {
    if (!mount.image.empty() || mount.kind == "tmpfs") continue;
    TRY(ResolveSource(mount));
    if (mount.propagation == Propagation::kPrivate) continue;
    if (table.empty()) {
      TRY_ASSIGN(table, ReadMountInfo());
    }
    TRY(CheckPropagation(mount, table));
  }
  return Ok();
}

}  // namespace onggi
