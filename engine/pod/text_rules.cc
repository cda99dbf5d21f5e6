#include "engine/pod/text_rules.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/strings.h"

namespace onggi {
namespace {

bool CleanComponents(std::string_view path) {
  for (std::string_view part : Split(path, '/')) {
    if (part == ".." || part.size() > 255) return false;
  }
  return path.find('\0') == std::string_view::npos && path.size() <= 4095;
}

Result<> CheckRange(const std::string& field, int64_t value, int64_t low, int64_t high) {
  if (value == 0 || (value >= low && value <= high)) return Ok();
  return BadField(field, std::to_string(value),
                  "0 (not set) or " + std::to_string(low) + " to " + std::to_string(high));
}

Result<> CheckMemory(const std::string& field, const Resources& r) {
  if (r.memory_limit_bytes < -1) {
    return BadField(field + ".memory_limit_in_bytes", std::to_string(r.memory_limit_bytes),
                    "a positive number, 0 (not set) or -1 (no limit)");
  }
  if (r.memory_swap_limit_bytes < -1) {
    return BadField(field + ".memory_swap_limit_in_bytes",
                    std::to_string(r.memory_swap_limit_bytes),
                    "memory and swap together, 0 (not set) or -1 (no limit)");
  }
  if (r.memory_swap_limit_bytes > 0 && r.memory_limit_bytes <= 0) {
    return BadField(field + ".memory_swap_limit_in_bytes",
                    std::to_string(r.memory_swap_limit_bytes),
                    "only together with memory_limit_in_bytes");
  }
  if (r.memory_swap_limit_bytes > 0 && r.memory_swap_limit_bytes < r.memory_limit_bytes) {
    return BadField(field + ".memory_swap_limit_in_bytes",
                    std::to_string(r.memory_swap_limit_bytes),
                    "at least memory_limit_in_bytes " + std::to_string(r.memory_limit_bytes));
  }
  return Ok();
}

bool IsPageSize(std::string_view text) {
  if (text.size() < 3) return false;
  std::string_view unit = text.substr(text.size() - 2);
  return (unit == "KB" || unit == "MB" || unit == "GB") &&
         ParseUint(text.substr(0, text.size() - 2)).value_or(0) > 0;
}

bool IsUnifiedKey(std::string_view key) {
  size_t dot = key.find('.');
  if (dot == std::string_view::npos || key.size() > 128) return false;
  static constexpr std::string_view kControllers[] = {
      "cpu", "cpuset", "io", "memory", "pids", "hugetlb", "rdma", "misc", "cgroup", "dmem"};
  // Files of the cgroup itself that a limit may set; cgroup.procs and the like are ours.
  if (key.substr(0, dot) == "cgroup")
    return key == "cgroup.max.depth" || key == "cgroup.max.descendants";
  return std::find(std::begin(kControllers), std::end(kControllers), key.substr(0, dot)) !=
             std::end(kControllers) &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

Error BadField(std::string_view field, std::string_view value, std::string_view rule) {
  return InvalidArgument(std::string(field) + ": " + Quote(value) +
                         " is not allowed: " + std::string(rule));
}

bool HasControlBytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool IsIpAddress(const std::string& text) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool IsHostname(std::string_view text) {
  if (text.empty() || text.size() > 64 || text.front() == '-' || text.front() == '.' ||
      text.back() == '-' || text.back() == '.' || text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool IsCleanAbsolutePath(std::string_view text) {
  return !text.empty() && text.front() == '/' && CleanComponents(text);
}

bool IsCleanRelativePath(std::string_view text) {
  return !text.empty() && text.front() != '/' && CleanComponents(text) && text != ".";
}

bool IsCpuList(std::string_view text) {
  constexpr uint64_t kMost = 8191;  // bounds before anything is expanded: CVE-2018-20699
  if (text.size() > 4096) return false;
  for (std::string_view part : Split(text, ',')) {
    size_t dash = part.find('-');
    auto first = ParseUint(part.substr(0, dash));
    auto last = dash == std::string_view::npos ? first : ParseUint(part.substr(dash + 1));
    if (!first || !last || *first > *last || *last > kMost) return false;
  }
  return true;
}

Result<> CheckResources(const std::string& field, const Resources& r) {
  TRY(CheckRange(field + ".cpu_period", r.cpu_period_us, 1000, 1'000'000));
  if (r.cpu_quota_us != -1) {
    TRY(CheckRange(field + ".cpu_quota", r.cpu_quota_us, 1000, int64_t{1} << 40));
  }
  TRY(CheckRange(field + ".cpu_shares", r.cpu_shares, 2, 262144));
  TRY(CheckMemory(field, r));
  TRY(CheckRange(field + ".oom_score_adj", r.oom_score_adj, -1000, 1000));
  TRY(CheckRange(field + ".pids_limit", r.pids_limit, -1, int64_t{1} << 22));
  if (!r.cpuset_cpus.empty() && !IsCpuList(r.cpuset_cpus)) {
    return BadField(field + ".cpuset_cpus", r.cpuset_cpus, "a list such as 0-3,7");
  }
  if (!r.cpuset_mems.empty() && !IsCpuList(r.cpuset_mems)) {
    return BadField(field + ".cpuset_mems", r.cpuset_mems, "a list such as 0-1");
  }
  for (const spec::Hugepage& page : r.hugepage_limits) {
    if (!IsPageSize(page.page_size)) {
      return BadField(field + ".hugepage_limits", page.page_size, "a size such as 2MB or 1GB");
    }
  }
  for (const auto& [key, value] : r.unified) {
    if (!IsUnifiedKey(key)) {
      return BadField(field + ".unified", key, "a file of a cgroup v2 controller: memory.high");
    }
    if (HasControlBytes(value)) return BadField(field + ".unified." + key, value, "one line");
  }
  return Ok();
}

Result<> CheckUserNamespace(const std::string& field, const UserNamespace& user) {
  if (user.mode == NamespaceMode::kNode) {
    if (user.uids.empty() && user.gids.empty()) return Ok();
    return BadField(field + ".uids", std::to_string(user.uids.size()), "none with mode NODE");
  }
  if (user.mode != NamespaceMode::kPod) {
    return BadField(field + ".mode", user.mode == NamespaceMode::kTarget ? "TARGET" : "CONTAINER",
                    "POD or NODE");
  }
  for (const auto& [name, maps] :
       {std::pair<std::string, const std::vector<spec::IdMapping>&>(".uids", user.uids),
        {".gids", user.gids}}) {
    if (maps.size() != 1) {
      return BadField(field + name, std::to_string(maps.size()), "exactly one mapping");
    }
    const spec::IdMapping& map = maps[0];
    if (map.container_id != 0 || map.size == 0) {
      return BadField(field + name,
                      std::to_string(map.container_id) + ":" + std::to_string(map.host_id) + ":" +
                          std::to_string(map.size),
                      "a mapping that begins at container id 0 and is not empty");
    }
    if (uint64_t{map.host_id} + map.size > UINT32_MAX) {
      return BadField(field + name, std::to_string(map.host_id), "host ids below 2^32");
    }
  }
  return Ok();
}

}  // namespace onggi
