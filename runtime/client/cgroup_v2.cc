#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/file_io.h"
#include "base/strings.h"
#include "runtime/client/cgroup_files.h"

namespace onggi {
namespace {

// Enables for the children of DIR what DIR itself has. A controller that cannot be enabled (a
// threaded group, a process inside) is left out: the limit that needs it then fails by name.
void EnableControllers(const std::string& dir) {
  const Result<std::string> available = ReadFile(dir + "/cgroup.controllers");
  const Result<std::string> enabled = ReadFile(dir + "/cgroup.subtree_control");
  if (!available || !enabled) return;
  const std::vector<std::string_view> have = Split(Trim(*enabled), ' ');
  std::string wanted;
  for (std::string_view name : Split(Trim(*available), ' ')) {
    if (name.empty() || std::find(have.begin(), have.end(), name) != have.end()) continue;
    wanted += (wanted.empty() ? "+" : " +") + std::string(name);
  }
  if (wanted.empty() || WriteCgroupFile(dir, "cgroup.subtree_control", wanted)) return;
  for (std::string_view name : Split(wanted, ' ')) {
    (void)WriteCgroupFile(dir, "cgroup.subtree_control", name);  // see above
  }
}

bool IsHybrid() {
  const Result<const CgroupMounts*> mounts = KnownCgroups();
  return mounts && (*mounts)->layout == CgroupLayout::kHybrid;
}

std::string MaxOr(int64_t value) {
  return value < 0 ? "max" : std::to_string(value);
}

// The specification's swap is memory and swap together.
Result<> ApplyMemory(const std::string& dir, const spec::Resources& resources) {
  if (resources.memory_swap) {
    std::string swap = MaxOr(*resources.memory_swap);
    if (*resources.memory_swap >= 0) {
      if (!resources.memory_limit || *resources.memory_limit < 0 ||
          *resources.memory_swap < *resources.memory_limit) {
        return InvalidArgument("memory.swap needs a memory.limit that is not above it");
      }
      swap = std::to_string(*resources.memory_swap - *resources.memory_limit);
    }
    // Absent without swap in the kernel: then there is none to limit.
    if (CgroupFileExists(dir, "memory.swap.max")) {
      TRY(WriteCgroupFile(dir, "memory.swap.max", swap));
    }
  }
  if (resources.memory_limit) {
    TRY(WriteCgroupFile(dir, "memory.max", MaxOr(*resources.memory_limit)));
  }
  if (resources.memory_reservation) {
    TRY(WriteCgroupFile(dir, "memory.low", MaxOr(*resources.memory_reservation)));
  }
  return Ok();
}

// 2..262144 to 1..10000.
uint64_t WeightOfShares(uint64_t shares) {
  if (shares == 0) return 0;
  shares = std::clamp<uint64_t>(shares, 2, 262144);
  return 1 + ((shares - 2) * 9999) / 262142;
}

Result<> ApplyCpu(const std::string& dir, const spec::Resources& resources) {
  if (resources.cpu_idle) {
    TRY(WriteCgroupFile(dir, "cpu.idle", std::to_string(*resources.cpu_idle)));
  }
  if (resources.cpu_shares && *resources.cpu_shares != 0) {
    TRY(WriteCgroupFile(dir, "cpu.weight", std::to_string(WeightOfShares(*resources.cpu_shares))));
  }
  if (resources.cpu_quota || resources.cpu_period) {
    std::string value = resources.cpu_quota && *resources.cpu_quota > 0
                            ? std::to_string(*resources.cpu_quota)
                            : std::string("max");
    if (resources.cpu_period) value += " " + std::to_string(*resources.cpu_period);
    TRY(WriteCgroupFile(dir, "cpu.max", value));
  }
  if (!resources.cpuset_cpus.empty()) {
    TRY(WriteCgroupFile(dir, "cpuset.cpus", resources.cpuset_cpus));
  }
  if (!resources.cpuset_mems.empty()) {
    TRY(WriteCgroupFile(dir, "cpuset.mems", resources.cpuset_mems));
  }
  return Ok();
}

Result<> ApplyIo(const std::string& dir, uint16_t weight) {
  // bfq has the range of v1, io.weight ten times it.
  if (CgroupFileExists(dir, "io.bfq.weight")) {
    return WriteCgroupFile(dir, "io.bfq.weight", std::to_string(weight));
  }
  if (!CgroupFileExists(dir, "io.weight")) return Ok();  // a wish that no scheduler here knows
  const int clamped = std::clamp<int>(weight, 10, 1000);
  return WriteCgroupFile(dir, "io.weight", std::to_string(1 + (clamped - 10) * 9999 / 990));
}

Result<> ApplyUnified(const std::string& dir, const std::map<std::string, std::string>& values) {
  for (const auto& [file, value] : values) {
    // GHSA-5g49-rx9x-qfc6: the key is a file of this very group, nothing else.
    if (file.empty() || file[0] == '.' || file.find('/') != std::string::npos ||
        file.find('.') == std::string::npos) {
      return InvalidArgument("unified key " + Quote(file) + " is not the name of a cgroup file");
    }
    if (!CgroupFileExists(dir, file)) {
      return FailedPrecondition("unified key " + Quote(file) + ": this node has no such file");
    }
    TRY(WriteCgroupFile(dir, file, value));
  }
  return Ok();
}

}  // namespace

Result<> MakeV2Dirs(const CgroupHierarchy& hierarchy, const std::vector<std::string>& components) {
  std::string dir = hierarchy.mount;
  const std::string whole = dir + "/" + Join(components, "/");
  const bool hybrid = IsHybrid();
  // Under the hybrid layout controllers are enabled only when a limit asks for one.
  if (hybrid && mkdir(whole.c_str(), 0755) == 0) return Ok();
  for (const std::string& component : components) {
    if (!hybrid) EnableControllers(dir);
    dir += "/" + component;
    if (mkdir(dir.c_str(), 0755) != 0 && errno != EEXIST) return SysError("mkdir(" + dir + ")");
  }
  return Ok();
}

Result<> ApplyHugepagesV2(const std::string& dir, const std::vector<spec::Hugepage>& limits) {
  for (const spec::Hugepage& page : limits) {
    const std::string stem = "hugetlb." + page.page_size;
    TRY(WriteCgroupFile(dir, stem + ".max", std::to_string(page.limit)));
    if (CgroupFileExists(dir, stem + ".rsvd.max")) {
      TRY(WriteCgroupFile(dir, stem + ".rsvd.max", std::to_string(page.limit)));
    }
  }
  return Ok();
}

void EnableControllersAbove(const std::string& mount, const std::string& path) {
  for (size_t slash = 0; slash != std::string::npos; slash = path.find('/', slash + 1)) {
    EnableControllers(mount + path.substr(0, slash));
  }
}

Result<> ApplyV2(const std::string& dir, const spec::Resources& resources) {
  TRY(ApplyMemory(dir, resources));
  TRY(ApplyCpu(dir, resources));
  if (resources.pids_limit) {
    const int64_t limit = *resources.pids_limit;
    TRY(WriteCgroupFile(dir, "pids.max", limit > 0 ? std::to_string(limit) : "max"));
  }
  if (resources.blkio_weight) TRY(ApplyIo(dir, *resources.blkio_weight));
  TRY(ApplyHugepagesV2(dir, resources.hugepage_limits));
  TRY(ApplyUnified(dir, resources.unified));
  if (resources.devices.empty()) return Ok();
  std::vector<spec::DeviceRule> rules = resources.devices;
  for (spec::DeviceRule& rule : DefaultDeviceRules()) rules.push_back(std::move(rule));
  return AttachDeviceProgram(dir, rules);
}

}  // namespace onggi
