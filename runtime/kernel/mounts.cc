#include "runtime/kernel/mounts.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "runtime/kernel/cgroup_mount.h"
#include "runtime/kernel/copy_up.h"
#include "runtime/kernel/idmap.h"
#include "runtime/kernel/mount_api.h"
#include "runtime/kernel/mount_options.h"

namespace onggi {
namespace {

bool IsBind(const spec::Mount& mount, const MountOptions& options) {
  return options.bind || mount.type == "bind";
}

bool IsIdmapped(const spec::Mount& mount, const MountOptions& options) {
  return options.idmap || !mount.uid_mappings.empty();
}

Result<bool> IsDirectory(int fd) {
  struct stat st {};
  if (fstat(fd, &st) != 0) return SysError("fstat");
  return S_ISDIR(st.st_mode);
}

Result<> SetBindAttributes(int fd, const MountOptions& options) {
  TRY(SetMountAttributes(fd, {.set = options.attr_set, .clear = options.attr_clear}, false));
  return SetMountAttributes(fd, {.set = options.recursive_set, .clear = options.recursive_clear},
                            true);
}

Result<UniqueFd> MakeBind(const spec::Mount& mount, const MountOptions& options, UniqueFd linked) {
  if (!linked.valid()) {
    TRY_ASSIGN(linked, CloneMount(AT_FDCWD, mount.source, options.recursive_bind));
  }
  TRY(SetBindAttributes(linked.get(), options));
  return linked;
}

Result<UniqueFd> MakeFilesystem(const spec::Mount& mount, const MountOptions& options) {
  TRY_ASSIGN(NewFilesystem fs, NewFilesystem::Open(mount.type));
  if (!mount.source.empty()) TRY(fs.SetString("source", mount.source));
  for (const std::string& option : options.data) TRY(fs.SetOption(option));
  // fsmount takes the wanted attributes; "rw" and "suid" are what it starts with.
  TRY_ASSIGN(UniqueFd fd, fs.Mount(options.attr_set));
  TRY(SetMountAttributes(fd.get(), {.set = options.recursive_set}, true));
  return fd;
}

Result<UniqueFd> CloneEarly(const spec::Mount& mount, const MountOptions& options, int mapping) {
  TRY_ASSIGN(UniqueFd clone, CloneMount(AT_FDCWD, mount.source, options.recursive_bind));
  if (mapping < 0) return clone;
  TRY(SetMountAttributes(clone.get(), {.idmap_userns = mapping}, options.idmap_recursive));
  return clone;
}

// Volumes of /proc and /sys through a link in the image would let it choose what is covered.
bool NeedsRealDirectory(const spec::Mount& mount) {
  return mount.type == "proc" || mount.type == "sysfs";
}

Result<> MountOne(const MountContext& context, const spec::Mount& mount, UniqueFd linked) {
  const MountOptions options = ParseMountOptions(mount.options);
  if (mount.type == "cgroup" || mount.type == "cgroup2") {
    return MountCgroups(context.root_fd, mount.destination, options, *context.cgroup_dirs);
  }
  UniqueFd fd;
  if (IsBind(mount, options)) {
    TRY_ASSIGN(fd, MakeBind(mount, options, std::move(linked)));
  } else {
    TRY_ASSIGN(fd, MakeFilesystem(mount, options));
  }
  if (options.propagation != 0) {
    TRY(SetMountAttributes(fd.get(), {.propagation = options.propagation},
                           options.propagation_recursive));
  }
  TRY_ASSIGN(const bool directory, IsDirectory(fd.get()));
  TRY_ASSIGN(const UniqueFd target, MakeMountTarget(context.root_fd, mount.destination, directory,
                                                    NeedsRealDirectory(mount)));
  if (options.copy_up) TRY(CopyTree(target.get(), fd.get()));
  return AttachMount(fd.get(), target.get());
}

}  // namespace

Result<UniqueFd> MakeMountTarget(int root_fd, const std::string& destination, bool directory,
                                 bool no_links) {
  const RootedPath root(root_fd);
  Result<UniqueFd> found =
      no_links ? root.OpenNoLinks(destination, O_PATH) : root.Open(destination, O_PATH);
  if (found || found.error().sys_errno() != ENOENT) return found;
  if (directory) return root.MakeDirs(destination, 0755);
  const size_t slash = destination.find_last_of('/');
  if (slash != std::string::npos && slash > 0) {
    TRY(root.MakeDirs(destination.substr(0, slash), 0755));
  }
  TRY_ASSIGN(const RootedPath::Parent parent, root.OpenParent(destination));
  // mknodat, not open(O_CREAT): it follows no link and opens nothing (CVE-2024-45310).
  if (mknodat(parent.dir.get(), parent.name.c_str(), S_IFREG | 0644, 0) != 0 && errno != EEXIST) {
    return SysError("mknodat(" + destination + ")");
  }
  return OpenAt(parent.dir.get(), parent.name, O_PATH | O_NOFOLLOW);
}

Result<std::vector<UniqueFd>> MakeMappings(const std::vector<spec::Mount>& mounts) {
  std::vector<UniqueFd> mappings(mounts.size());
  for (size_t i = 0; i < mounts.size(); ++i) {
    const spec::Mount& mount = mounts[i];
    const MountOptions options = ParseMountOptions(mount.options);
    if (!IsBind(mount, options) || !IsIdmapped(mount, options)) continue;
    TRY_ASSIGN(mappings[i], MakeMappingNamespace(mount.uid_mappings, mount.gid_mappings)
                                .Wrap("mount " + mount.destination));
  }
  return mappings;
}

Result<std::vector<UniqueFd>> CloneBinds(const std::vector<spec::Mount>& mounts,
                                         const std::vector<UniqueFd>& mappings, bool all) {
  std::vector<UniqueFd> binds(mounts.size());
  for (size_t i = 0; i < mounts.size(); ++i) {
    const MountOptions options = ParseMountOptions(mounts[i].options);
    const bool reaches = options.propagation == MS_SHARED || options.propagation == MS_SLAVE;
    const bool early = reaches || all || mappings[i].valid();
    if (!early || !IsBind(mounts[i], options)) continue;
    TRY_ASSIGN(
        binds[i],
        CloneEarly(mounts[i], options, mappings[i].get()).Wrap("mount " + mounts[i].destination));
  }
  return binds;
}

Result<> MountAll(const MountContext& context, const std::vector<spec::Mount>& mounts,
                  std::vector<UniqueFd> linked) {
  for (size_t i = 0; i < mounts.size(); ++i) {
    TRY(MountOne(context, mounts[i], std::move(linked[i])).Wrap("mount " + mounts[i].destination));
  }
  return Ok();
}

}  // namespace onggi
