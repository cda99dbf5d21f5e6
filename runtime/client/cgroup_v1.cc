#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "runtime/client/cgroup_files.h"

namespace onggi {
namespace {

// A new cpuset is empty and takes no process (ENOSPC): it starts with what its parent has.
Result<> InheritCpuset(const std::string& parent, const std::string& dir) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    TRY_ASSIGN(const std::string own, ReadFile(dir + "/" + file));
    if (!Trim(own).empty()) continue;
    TRY_ASSIGN(const std::string inherited, ReadFile(parent + "/" + file));
    TRY(WriteCgroupFile(dir, file, Trim(inherited)));
  }
  return Ok();
}

template <typename T>
Result<> WriteNumber(const std::string& dir, const char* file, const std::optional<T>& value) {
  if (!value) return Ok();
  if (dir.empty()) {
    return FailedPrecondition(std::string("this node has no cgroup controller for ") + file);
  }
  return WriteCgroupFile(dir, file, std::to_string(*value));
}

Result<> WriteText(const std::string& dir, const char* file, const std::string& value) {
  if (value.empty()) return Ok();
  if (dir.empty()) {
    return FailedPrecondition(std::string("this node has no cgroup controller for ") + file);
  }
  return WriteCgroupFile(dir, file, value);
}

// memory.limit may never be above memory+swap: the order depends on the direction.
Result<> ApplyMemory(const std::string& dir, const spec::Resources& resources) {
  constexpr const char* kLimit = "memory.limit_in_bytes";
  constexpr const char* kSwap = "memory.memsw.limit_in_bytes";
  std::optional<int64_t> swap = resources.memory_swap;
  // Kernels without swap accounting lack the file; the limit itself then bounds all there is.
  if (swap && !dir.empty() && !CgroupFileExists(dir, kSwap)) swap.reset();
  bool swap_first = false;
  if (swap && resources.memory_limit) {
    TRY_ASSIGN(const std::string text, ReadFile(dir + "/" + kSwap));
    const uint64_t current = ParseUint(Trim(text)).value_or(UINT64_MAX);
    swap_first = *resources.memory_limit < 0
                     ? *swap < 0
                     : current < static_cast<uint64_t>(*resources.memory_limit);
  }
  if (swap_first) TRY(WriteNumber(dir, kSwap, swap));
  TRY(WriteNumber(dir, kLimit, resources.memory_limit));
  if (!swap_first) TRY(WriteNumber(dir, kSwap, swap));
  TRY(WriteNumber(dir, "memory.soft_limit_in_bytes", resources.memory_reservation));
  if (resources.disable_oom_killer.value_or(false)) {
    TRY(WriteText(dir, "memory.oom_control", "1"));
  }
  return Ok();
}

Result<> ApplyCpu(const Cgroup& group, const spec::Resources& resources) {
  const std::string cpu = group.DirOf("cpu");
  TRY(WriteNumber(cpu, "cpu.shares", resources.cpu_shares));
  // A period that the present quota does not fit is refused: first the one that makes room.
  if (resources.cpu_quota && resources.cpu_period) {
    TRY(WriteCgroupFile(cpu, "cpu.cfs_quota_us", "-1"));
  }
  TRY(WriteNumber(cpu, "cpu.cfs_period_us", resources.cpu_period));
  TRY(WriteNumber(cpu, "cpu.cfs_quota_us", resources.cpu_quota));
  if (resources.cpu_idle && CgroupFileExists(cpu, "cpu.idle")) {
    TRY(WriteNumber(cpu, "cpu.idle", resources.cpu_idle));
  }
  const std::string cpuset = group.DirOf("cpuset");
  TRY(WriteText(cpuset, "cpuset.cpus", resources.cpuset_cpus));
  return WriteText(cpuset, "cpuset.mems", resources.cpuset_mems);
}

Result<> ApplyBlkio(const std::string& dir, const std::optional<uint16_t>& weight) {
  if (!weight) return Ok();
  for (const char* file : {"blkio.bfq.weight", "blkio.weight"}) {
    if (!dir.empty() && CgroupFileExists(dir, file)) return WriteNumber(dir, file, weight);
  }
  return Ok();  // no I/O scheduler here knows weights: a weight is a wish, not a limit
}

// Under the hybrid layout hugetlb may be left to the cgroup2 mount.
Result<> ApplyHugepages(const Cgroup& group, const std::vector<spec::Hugepage>& limits) {
  if (limits.empty()) return Ok();
  const std::string dir = group.DirOf("hugetlb");
  if (!dir.empty() && CgroupFileExists(dir, "cgroup.controllers")) {
    EnableControllersAbove(dir.substr(0, dir.size() - group.path().size()), group.path());
    return ApplyHugepagesV2(dir, limits);
  }
  for (const spec::Hugepage& page : limits) {
    TRY(WriteText(dir, ("hugetlb." + page.page_size + ".limit_in_bytes").c_str(),
                  std::to_string(page.limit)));
  }
  return Ok();
}

std::string DeviceNumber(const std::optional<int64_t>& number) {
  return number && *number >= 0 ? std::to_string(*number) : "*";
}

Result<> WriteRule(const std::string& dir, const spec::DeviceRule& rule) {
  const std::string type = rule.type.empty() ? "a" : rule.type;
  const std::string text = type == "a" && !rule.major && !rule.minor
                               ? "a"
                               : type + " " + DeviceNumber(rule.major) + ":" +
                                     DeviceNumber(rule.minor) + " " +
                                     (rule.access.empty() ? "rwm" : rule.access);
  return WriteCgroupFile(dir, rule.allow ? "devices.allow" : "devices.deny", text);
}

Result<> ApplyDevices(const std::string& dir, const std::vector<spec::DeviceRule>& rules) {
  if (rules.empty()) return Ok();
  if (dir.empty()) return FailedPrecondition("this node has no devices cgroup");
  for (const spec::DeviceRule& rule : rules) TRY(WriteRule(dir, rule));
  for (const spec::DeviceRule& rule : DefaultDeviceRules()) TRY(WriteRule(dir, rule));
  return Ok();
}

}  // namespace

Result<> MakeV1Dirs(const CgroupHierarchy& hierarchy, const std::vector<std::string>& components) {
  const bool cpuset = hierarchy.controllers.front() == "cpuset" || hierarchy.controllers.size() > 1;
  std::string dir = hierarchy.mount;
  std::string whole = dir + "/" + Join(components, "/");
  // Its parent is there in most cases: one call instead of one per level.
  if (!cpuset && mkdir(whole.c_str(), 0755) == 0) return Ok();
  for (const std::string& component : components) {
    const std::string parent = dir;
    dir += "/" + component;
    if (mkdir(dir.c_str(), 0755) != 0) {
      if (errno != EEXIST) return SysError("mkdir(" + dir + ")");
    }
    if (cpuset && CgroupFileExists(dir, "cpuset.cpus")) TRY(InheritCpuset(parent, dir));
  }
  return Ok();
}

Result<> ApplyV1(const Cgroup& group, const spec::Resources& resources) {
  TRY(ApplyMemory(group.DirOf("memory"), resources));
  TRY(ApplyCpu(group, resources));
  if (resources.pids_limit) {
    const int64_t limit = *resources.pids_limit;
    TRY(WriteText(group.DirOf("pids"), "pids.max", limit > 0 ? std::to_string(limit) : "max"));
  }
  TRY(ApplyBlkio(group.DirOf("blkio"), resources.blkio_weight));
  TRY(ApplyHugepages(group, resources.hugepage_limits));
  return ApplyDevices(group.DirOf("devices"), resources.devices);
}

}  // namespace onggi
