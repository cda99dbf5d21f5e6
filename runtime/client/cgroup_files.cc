#include "runtime/client/cgroup_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

bool HasOption(std::string_view options, std::string_view name) {
  for (std::string_view option : Split(options, ',')) {
    if (option == name) return true;
  }
  return false;
}

// One line of mountinfo: "36 35 98:0 /root /mount options [tags...] - type source super-options".
struct MountLine {
  std::string_view root, mount, type, super_options;
};
bool ParseMountLine(std::string_view line, MountLine& out) {
  const std::vector<std::string_view> fields = Split(line, ' ');
  const auto dash = std::find(fields.begin(), fields.end(), "-");
  if (fields.size() < 6 || fields.end() - dash < 4) return false;
  out = {fields[3], fields[4], dash[1], dash[3]};
  return true;
}

constexpr std::string_view kV1Controllers[] = {
    "cpu",  "cpuacct", "cpuset",  "memory",     "devices",  "freezer", "blkio",
    "pids", "hugetlb", "net_cls", "perf_event", "net_prio", "rdma",    "misc"};

Result<CgroupHierarchy> HierarchyOf(const MountLine& line) {
  CgroupHierarchy hierarchy{.mount = std::string(line.mount), .v2 = line.type == "cgroup2"};
  if (hierarchy.v2) {
    TRY_ASSIGN(const std::string text, ReadFile(hierarchy.mount + "/cgroup.controllers"));
    for (std::string_view name : Split(Trim(text), ' ')) {
      if (!name.empty()) hierarchy.controllers.emplace_back(name);
    }
    return hierarchy;
  }
  for (std::string_view name : kV1Controllers) {
    if (HasOption(line.super_options, name)) hierarchy.controllers.emplace_back(name);
  }
  return hierarchy;
}

}  // namespace

Result<CgroupMounts> DetectCgroups() {
  TRY_ASSIGN(const std::string text, ReadFile("/proc/self/mountinfo"));
  CgroupMounts mounts;
  bool v1 = false;
  bool v2 = false;
  for (std::string_view row : Split(text, '\n')) {
    MountLine line;
    if (!ParseMountLine(row, line) || (line.type != "cgroup" && line.type != "cgroup2")) continue;
    TRY_ASSIGN(CgroupHierarchy hierarchy, HierarchyOf(line));
    // Named v1 hierarchies (name=systemd) belong to the init system and limit nothing.
    if (!hierarchy.v2 && hierarchy.controllers.empty()) continue;
    const bool seen = std::any_of(
        mounts.hierarchies.begin(), mounts.hierarchies.end(), [&](const CgroupHierarchy& other) {
          return other.v2 == hierarchy.v2 && other.controllers == hierarchy.controllers;
        });
    if (seen) continue;  // the same hierarchy, bind-mounted elsewhere
    (hierarchy.v2 ? v2 : v1) = true;
    mounts.hierarchies.push_back(std::move(hierarchy));
  }
  if (!v1 && !v2) return FailedPrecondition("no cgroup file system is mounted at /sys/fs/cgroup");
  mounts.layout = !v1 ? CgroupLayout::kV2 : !v2 ? CgroupLayout::kV1 : CgroupLayout::kHybrid;
  return mounts;
}

Result<const CgroupMounts*> KnownCgroups() {
  static Result<CgroupMounts> known = DetectCgroups();
  if (!known) return known.error().Clone();
  return static_cast<const CgroupMounts*>(&known.value());
}

Result<std::vector<std::string>> CgroupComponents(const std::string& path) {
  std::vector<std::string> components;
  if (path.empty() || path[0] != '/') {
    return InvalidArgument("cgroup path " + Quote(path) + " is not absolute");
  }
  for (std::string_view part : Split(std::string_view(path).substr(1), '/')) {
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) {
      return InvalidArgument("cgroup path " + Quote(path) + " has a bad component");
    }
    components.emplace_back(part);
  }
  return components;
}

Result<> WriteCgroupFile(const std::string& dir, const std::string& file, std::string_view value) {
  const std::string path = dir + "/" + file;
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return SysError("open(" + path + ")");
  if (write(fd.get(), value.data(), value.size()) != static_cast<ssize_t>(value.size())) {
    return SysError("write " + std::string(value) + " to " + path);
  }
  return Ok();
}

bool CgroupFileExists(const std::string& dir, const std::string& file) {
  return access((dir + "/" + file).c_str(), F_OK) == 0;
}

std::vector<std::string> CgroupTree(const std::string& dir) {
  std::vector<std::string> tree;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(dir.c_str()), &closedir);
  if (!handle) return tree;
  while (const dirent* entry = readdir(handle.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
    for (std::string& below : CgroupTree(dir + "/" + std::string(name))) {
      tree.push_back(std::move(below));
    }
  }
  tree.push_back(dir);
  return tree;
}

}  // namespace onggi
