#include "runtime/kernel/devices.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "runtime/kernel/mount_api.h"
#include "runtime/kernel/mount_options.h"
#include "runtime/kernel/mounts.h"

namespace onggi {
namespace {

struct NodeRow {
  const char* name;
  unsigned int major;
  unsigned int minor;
};
constexpr NodeRow kNodes[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                              {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

struct LinkRow {
  const char* name;
  const char* target;
};
constexpr LinkRow kLinks[] = {{"fd", "/proc/self/fd"},
                              {"stdin", "/proc/self/fd/0"},
                              {"stdout", "/proc/self/fd/1"},
                              {"stderr", "/proc/self/fd/2"},
                              {"ptmx", "pts/ptmx"}};

bool IsHostDev(const spec::Spec& spec) {
  for (const spec::Mount& mount : spec.mounts) {
    if (mount.destination == "/dev" || mount.destination == "/dev/") {
      return mount.type == "bind" || ParseMountOptions(mount.options).bind;
    }
  }
  return false;
}

mode_t KindOf(const std::string& type) {
  return type == "b" ? S_IFBLK : type == "p" ? S_IFIFO : S_IFCHR;
}

// An existing node is good when it is the same device; anything else is an error, never followed.
Result<> CheckNode(int dir_fd, const std::string& name, mode_t kind, dev_t device) {
  struct stat st {};
  if (fstatat(dir_fd, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return SysError("fstatat");
  if ((st.st_mode & S_IFMT) != kind || (kind != S_IFIFO && st.st_rdev != device)) {
    return FailedPrecondition("something else is in its place");
  }
  return Ok();
}

Result<> BindNode(int root_fd, const std::string& path) {
  TRY_ASSIGN(const UniqueFd mount, CloneMount(AT_FDCWD, path, false));
  TRY_ASSIGN(const UniqueFd target, MakeMountTarget(root_fd, path, false, true));
  return AttachMount(mount.get(), target.get());
}

Result<> MakeNode(int dir_fd, const std::string& name, const spec::Device& device) {
  const mode_t kind = KindOf(device.type);
  const dev_t number =
      makedev(static_cast<unsigned int>(device.major), static_cast<unsigned int>(device.minor));
  const mode_t mode = device.file_mode.value_or(0666) & 07777;
  if (mknodat(dir_fd, name.c_str(), kind | mode, number) != 0) {
    if (errno != EEXIST) return SysError("mknodat");
    TRY(CheckNode(dir_fd, name, kind, number));
  }
  if (device.uid.value_or(0) == 0 && device.gid.value_or(0) == 0) return Ok();
  if (fchownat(dir_fd, name.c_str(), device.uid.value_or(0), device.gid.value_or(0),
               AT_SYMLINK_NOFOLLOW) != 0) {
    return SysError("fchownat");
  }
  return Ok();
}

Result<> MakeOwnDevices(const DeviceOptions& options, const spec::Spec& spec) {
  const RootedPath root(options.root_fd);
  for (const spec::Device& device : spec.linux_.devices) {
    // Privileged containers list the host's; theirs is the link to their own devpts.
    if (device.path == "/dev/ptmx") continue;
    const std::string what = "device " + device.path;
    if (options.bind_nodes) {
      TRY(BindNode(options.root_fd, device.path).Wrap(what));
      continue;
    }
    const size_t slash = device.path.find_last_of('/');
    if (slash == std::string::npos || slash + 1 == device.path.size()) {
      return InvalidArgument(what + ": not an absolute path");
    }
    if (slash > 0) TRY(root.MakeDirs(device.path.substr(0, slash), 0755).Wrap(what));
    TRY_ASSIGN(const RootedPath::Parent parent, root.OpenParent(device.path).Wrap(what));
    TRY(MakeNode(parent.dir.get(), parent.name, device).Wrap(what));
  }
  return Ok();
}

Result<> MakeDefaultDevices(const DeviceOptions& options, int dev_fd) {
  for (const NodeRow& row : kNodes) {
    const std::string path = std::string("/dev/") + row.name;
    if (options.bind_nodes) {
      TRY(BindNode(options.root_fd, path).Wrap("device " + path));
      continue;
    }
    const spec::Device device{.path = path, .type = "c", .major = row.major, .minor = row.minor};
    TRY(MakeNode(dev_fd, row.name, device).Wrap("device " + path));
  }
  for (const LinkRow& row : kLinks) {
    if (symlinkat(row.target, dev_fd, row.name) != 0 && errno != EEXIST) {
      return SysError("symlinkat(/dev/" + std::string(row.name) + ")");
    }
  }
  return Ok();
}

}  // namespace

Result<> MakeDevices(const DeviceOptions& options, const spec::Spec& spec) {
  if (IsHostDev(spec)) return Ok();
  const RootedPath root(options.root_fd);
  Result<UniqueFd> dev = root.OpenNoLinks("dev", O_PATH | O_DIRECTORY);
  if (!dev && dev.error().sys_errno() == ENOENT) dev = root.MakeDirs("dev", 0755);
  if (!dev) return std::move(dev).error().Wrap("/dev");
  // Modes of nodes are what the specification says, whatever umask the caller has.
  const mode_t before = umask(0);
  Result<> made = MakeDefaultDevices(options, dev->get());
  if (made) made = MakeOwnDevices(options, spec);
  umask(before);
  return made;
}

Result<UniqueFd> OpenNull(int flags) {
  TRY_ASSIGN(UniqueFd fd, Open("/dev/null", flags));
  struct stat st {};
  if (fstat(fd.get(), &st) != 0) return SysError("fstat(/dev/null)");
  if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)) {
    return FailedPrecondition("/dev/null is not the null device");
  }
  return fd;
}

}  // namespace onggi
