#include "runtime/kernel/cgroup_mount.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "runtime/client/cgroup.h"
#include "runtime/kernel/mount_api.h"
#include "runtime/kernel/mounts.h"

namespace onggi {
namespace {

Result<UniqueFd> CloneGroup(const std::string& dir, uint64_t attributes) {
  TRY_ASSIGN(UniqueFd mount, CloneMount(AT_FDCWD, dir, false));
  TRY(SetMountAttributes(mount.get(), {.set = attributes, .propagation = MS_PRIVATE}, false));
  return mount;
}

std::string_view LastComponent(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

// The directory of DIRS that lies in the hierarchy mounted at MOUNT; "" when there is none.
std::string DirBelow(const std::vector<std::string>& dirs, const std::string& mount) {
  for (const std::string& dir : dirs) {
    if (dir.compare(0, mount.size() + 1, mount + "/") == 0 || dir == mount) return dir;
  }
  return {};
}

Result<> MountHierarchy(int base_fd, const CgroupHierarchy& hierarchy, const std::string& dir,
                        uint64_t attributes) {
  const std::string name(LastComponent(hierarchy.mount));
  if (mkdirat(base_fd, name.c_str(), 0755) != 0) return SysError("mkdirat(" + name + ")");
  TRY_ASSIGN(const UniqueFd target, OpenAt(base_fd, name, O_PATH | O_NOFOLLOW));
  TRY_ASSIGN(const UniqueFd mount, CloneGroup(dir, attributes));
  TRY(AttachMount(mount.get(), target.get()));
  if (hierarchy.v2) return Ok();
  for (const std::string& controller : hierarchy.controllers) {
    if (controller == name) continue;
    if (symlinkat(name.c_str(), base_fd, controller.c_str()) != 0 && errno != EEXIST) {
      return SysError("symlinkat(" + controller + ")");
    }
  }
  return Ok();
}

}  // namespace

Result<> MountCgroups(int root_fd, const std::string& destination, const MountOptions& options,
                      const std::vector<std::string>& dirs) {
  TRY_ASSIGN(const CgroupMounts mounts, DetectCgroups());
  TRY_ASSIGN(const UniqueFd target, MakeMountTarget(root_fd, destination, true, false));
  if (mounts.layout == CgroupLayout::kV2) {
    const std::string& dir = dirs.empty() ? mounts.hierarchies[0].mount : dirs[0];
    TRY_ASSIGN(const UniqueFd mount, CloneGroup(dir, options.attr_set));
    return AttachMount(mount.get(), target.get());
  }
  TRY_ASSIGN(NewFilesystem tmpfs, NewFilesystem::Open("tmpfs"));
  TRY(tmpfs.SetString("mode", "755"));
  TRY_ASSIGN(const UniqueFd base,
             tmpfs.Mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  TRY(AttachMount(base.get(), target.get()));
  for (const CgroupHierarchy& hierarchy : mounts.hierarchies) {
    const std::string dir = DirBelow(dirs, hierarchy.mount);
    if (dir.empty()) continue;
    TRY(MountHierarchy(base.get(), hierarchy, dir, options.attr_set));
  }
  return SetMountAttributes(base.get(), {.set = options.attr_set & MOUNT_ATTR_RDONLY}, false);
}

}  // namespace onggi
