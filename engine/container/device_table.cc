#include "engine/container/device_table.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstring>
#include <memory>

#include "base/strings.h"
#include "engine/pod/text_rules.h"

namespace onggi {
namespace {

struct Walk {
  std::string permissions;
  DeviceSet* out;
  bool strict = true;
  bool whole_dev = false;  // leave out what a container has of its own
};

spec::Device NodeOf(const struct stat& st, const std::string& path) {
  spec::Device node;
  node.path = path;
  node.type = S_ISCHR(st.st_mode) ? "c" : "b";
  node.major = major(st.st_rdev);
  node.minor = minor(st.st_rdev);
  node.file_mode = st.st_mode & 07777;
  node.uid = st.st_uid;
  node.gid = st.st_gid;
  return node;
}

void Add(const struct stat& st, const std::string& path, const Walk& walk) {
  spec::Device node = NodeOf(st, path);
  spec::DeviceRule rule;
  rule.allow = true;
  rule.type = node.type;
  rule.major = node.major;
  rule.minor = node.minor;
  rule.access = walk.permissions.empty() ? "rwm" : walk.permissions;
  walk.out->nodes.push_back(std::move(node));
  if (!walk.whole_dev) walk.out->rules.push_back(std::move(rule));
}

bool IsOwnOfContainers(const std::string& name) {
  for (const char* own :
       {"pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console", "ptmx", "core",
        "stdin", "stdout", "stderr", "null", "zero", "full", "random", "urandom", "tty"}) {
    if (name == own) return true;
  }
  return false;
}

// HOST and all below it, as CONTAINER and below.
Result<> WalkDevices(const std::string& host, const std::string& container, const Walk& walk) {
  struct stat st {};
  if (lstat(host.c_str(), &st) != 0) {
    if (!walk.strict) return Ok();  // vanished meanwhile
    return SysError("stat " + host);
  }
  if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
    Add(st, container, walk);
    return Ok();
  }
  if (!S_ISDIR(st.st_mode)) return Ok();
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(host.c_str()), closedir);
  if (!dir) return SysError("opendir " + host);
  while (dirent* entry = readdir(dir.get())) {
    std::string name = entry->d_name;
    if (name == "." || name == ".." || (walk.whole_dev && IsOwnOfContainers(name))) continue;
    Walk below = walk;
    below.strict = false;
    TRY(WalkDevices(host + "/" + name, container + "/" + name, below));
  }
  return Ok();
}

}  // namespace

Result<DeviceSet> ResolveDevices(const std::vector<ContainerDevice>& devices) {
  DeviceSet set;
  for (const ContainerDevice& device : devices) {
    char real[PATH_MAX];
    if (realpath(device.host_path.c_str(), real) == nullptr) {
      return BadField("devices.host_path", device.host_path,
                      "an existing device (" + SysError("realpath").message() + ")");
    }
    size_t before = set.nodes.size();
    TRY(WalkDevices(real, device.container_path, {device.permissions, &set}));
    if (set.nodes.size() == before) {
      return BadField("devices.host_path", device.host_path,
                      "a device node or a directory with device nodes");
    }
  }
  return set;
}

Result<DeviceSet> AllDevices() {
  DeviceSet set;
  TRY(WalkDevices("/dev", "/dev", {"rwm", &set, false, true}));
  spec::DeviceRule all;
  all.allow = true;
  all.type = "a";
  all.access = "rwm";
  set.rules.push_back(std::move(all));
  return set;
}

}  // namespace onggi
