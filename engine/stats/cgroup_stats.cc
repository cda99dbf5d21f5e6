#include "engine/stats/cgroup_stats.h"

#include <dirent.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr uint64_t kTick = 10'000'000;  // USER_HZ is 100 on every architecture of ours

std::string Read(const std::string& dir, const char* file) {
  if (dir.empty()) return "";
  return ReadFile(dir + "/" + file, 1 << 20).value_or("");
}

uint64_t Number(const std::string& text) {
  return ParseUint(Trim(text)).value_or(0);
}

std::optional<double> Decimal(std::string_view text) {
  // strtod reads the locale's point; the daemon never sets one, so it is the C locale's.
  std::string copy(text);
  char* end = nullptr;
  double value = strtod(copy.c_str(), &end);
  if (end == copy.c_str()) return std::nullopt;
  return value;
}

PsiData ParsePsiLine(std::string_view line) {
  PsiData data;
  for (std::string_view field : Split(line, ' ')) {
    size_t equals = field.find('=');
    if (equals == std::string_view::npos) continue;
    std::string_view key = field.substr(0, equals), value = field.substr(equals + 1);
    if (key == "total") data.total_ns = ParseUint(value).value_or(0) * 1000;
    if (key == "avg10") data.avg10 = Decimal(value).value_or(0);
    if (key == "avg60") data.avg60 = Decimal(value).value_or(0);
    if (key == "avg300") data.avg300 = Decimal(value).value_or(0);
  }
  return data;
}

CpuStats ReadCpuV2(const std::string& dir) {
  CpuStats cpu;
  std::string stat = Read(dir, "cpu.stat");
  cpu.usage_core_ns = KeyedNumber(stat, "usage_usec") * 1000;
  cpu.user_ns = KeyedNumber(stat, "user_usec") * 1000;
  cpu.system_ns = KeyedNumber(stat, "system_usec") * 1000;
  cpu.periods = KeyedNumber(stat, "nr_periods");
  cpu.throttled_periods = KeyedNumber(stat, "nr_throttled");
  cpu.throttled_ns = KeyedNumber(stat, "throttled_usec") * 1000;
  cpu.psi = ParsePsi(Read(dir, "cpu.pressure"));
  return cpu;
}

MemoryStats ReadMemoryV2(const std::string& dir) {
  MemoryStats memory;
  std::string stat = Read(dir, "memory.stat");
  memory.usage_bytes = Number(Read(dir, "memory.current"));
  memory.rss_bytes = KeyedNumber(stat, "anon");
  memory.cache_bytes = KeyedNumber(stat, "file");
  memory.mapped_file_bytes = KeyedNumber(stat, "file_mapped");
  memory.page_faults = KeyedNumber(stat, "pgfault");
  memory.major_page_faults = KeyedNumber(stat, "pgmajfault");
  uint64_t inactive = KeyedNumber(stat, "inactive_file");
  memory.working_set_bytes = memory.usage_bytes - std::min(memory.usage_bytes, inactive);
  memory.max_usage_bytes = Number(Read(dir, "memory.peak"));
  memory.failures = KeyedNumber(Read(dir, "memory.events"), "max");
  memory.limit_bytes = ParseLimit(Read(dir, "memory.max"));
  memory.swap_usage_bytes = Number(Read(dir, "memory.swap.current"));
  memory.swap_limit_bytes = ParseLimit(Read(dir, "memory.swap.max"));
  memory.psi = ParsePsi(Read(dir, "memory.pressure"));
  return memory;
}

MemoryStats ReadMemoryV1(const std::string& dir) {
  MemoryStats memory;
  std::string stat = Read(dir, "memory.stat");
  memory.usage_bytes = Number(Read(dir, "memory.usage_in_bytes"));
  memory.rss_bytes = KeyedNumber(stat, "total_rss");
  memory.cache_bytes = KeyedNumber(stat, "total_cache");
  memory.mapped_file_bytes = KeyedNumber(stat, "total_mapped_file");
  memory.page_faults = KeyedNumber(stat, "total_pgfault");
  memory.major_page_faults = KeyedNumber(stat, "total_pgmajfault");
  uint64_t inactive = KeyedNumber(stat, "total_inactive_file");
  memory.working_set_bytes = memory.usage_bytes - std::min(memory.usage_bytes, inactive);
  memory.max_usage_bytes = Number(Read(dir, "memory.max_usage_in_bytes"));
  memory.failures = Number(Read(dir, "memory.failcnt"));
  memory.limit_bytes = ParseLimit(Read(dir, "memory.limit_in_bytes"));
  memory.swap_usage_bytes = KeyedNumber(stat, "total_swap");
  uint64_t both = ParseLimit(Read(dir, "memory.memsw.limit_in_bytes"));
  memory.swap_limit_bytes = both > memory.limit_bytes ? both - memory.limit_bytes : 0;
  return memory;
}

uint64_t Lines(std::string_view text) {
  return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

uint64_t KeyedNumber(std::string_view text, std::string_view key) {
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.size() > key.size() + 1 && line[key.size()] == ' ' &&
        line.substr(0, key.size()) == key) {
      return ParseUint(line.substr(key.size() + 1)).value_or(0);
    }
    at = end + 1;
  }
  return 0;
}

std::optional<PsiStats> ParsePsi(std::string_view text) {
  if (text.empty()) return std::nullopt;
  PsiStats psi;
  for (std::string_view line : Split(text, '\n')) {
    if (line.rfind("some ", 0) == 0) psi.some = ParsePsiLine(line);
    if (line.rfind("full ", 0) == 0) psi.full = ParsePsiLine(line);
  }
  return psi;
}

uint64_t ParseLimit(std::string_view text) {
  // v1 says "none" with the largest number of pages there is.
  uint64_t value = ParseUint(Trim(text)).value_or(0);
  return value >= (uint64_t{1} << 62) ? 0 : value;
}

void ParseIoV2(std::string_view text, IoStats& io) {
  struct Field {
    std::string_view key;
    uint64_t* sum;
  };
  const Field fields[] = {{"rbytes=", &io.read_bytes},
                          {"wbytes=", &io.write_bytes},
                          {"rios=", &io.reads},
                          {"wios=", &io.writes}};
  for (std::string_view line : Split(text, '\n')) {
    for (std::string_view word : Split(line, ' ')) {
      for (const Field& field : fields) {
        if (word.rfind(field.key, 0) == 0) {
          *field.sum += ParseUint(word.substr(field.key.size())).value_or(0);
        }
      }
    }
  }
}

void ParseIoV1(std::string_view bytes, std::string_view operations, IoStats& io) {
  auto sum = [](std::string_view text, std::string_view what) {
    uint64_t total = 0;
    for (std::string_view line : Split(text, '\n')) {
      std::vector<std::string_view> words = Split(line, ' ');
      if (words.size() == 3 && words[1] == what) total += ParseUint(words[2]).value_or(0);
    }
    return total;
  };
  io.read_bytes = sum(bytes, "Read");
  io.write_bytes = sum(bytes, "Write");
  io.reads = sum(operations, "Read");
  io.writes = sum(operations, "Write");
}

std::vector<InterfaceStats> ParseNetDev(std::string_view text) {
  std::vector<InterfaceStats> out;
  for (std::string_view line : Split(text, '\n')) {
    size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::vector<uint64_t> numbers;
    for (std::string_view word : Split(line.substr(colon + 1), ' ')) {
      if (!word.empty()) numbers.push_back(ParseUint(word).value_or(0));
    }
    std::string name(Trim(line.substr(0, colon)));
    if (numbers.size() < 12 || name == "lo") continue;
    InterfaceStats stats{name,       numbers[0], numbers[1],  numbers[2], numbers[3],
                         numbers[8], numbers[9], numbers[10], numbers[11]};
    out.insert(name == "eth0" ? out.begin() : out.end(), std::move(stats));
  }
  return out;
}

CpuStats ReadCpu(const Cgroup& cgroup) {
  if (cgroup.layout() == CgroupLayout::kV2) return ReadCpuV2(cgroup.DirOf("cpu"));
  CpuStats cpu;
  std::string account = cgroup.DirOf("cpuacct");
  cpu.usage_core_ns = Number(Read(account, "cpuacct.usage"));
  std::string split = Read(account, "cpuacct.stat");
  cpu.user_ns = KeyedNumber(split, "user") * kTick;
  cpu.system_ns = KeyedNumber(split, "system") * kTick;
  std::string stat = Read(cgroup.DirOf("cpu"), "cpu.stat");
  cpu.periods = KeyedNumber(stat, "nr_periods");
  cpu.throttled_periods = KeyedNumber(stat, "nr_throttled");
  cpu.throttled_ns = KeyedNumber(stat, "throttled_time");
  return cpu;
}

MemoryStats ReadMemory(const Cgroup& cgroup) {
  std::string dir = cgroup.DirOf("memory");
  if (dir.empty()) return {};
  return cgroup.layout() == CgroupLayout::kV2 ? ReadMemoryV2(dir) : ReadMemoryV1(dir);
}

IoStats ReadIo(const Cgroup& cgroup) {
  IoStats io;
  if (cgroup.layout() == CgroupLayout::kV2) {
    std::string dir = cgroup.DirOf("io");
    ParseIoV2(Read(dir, "io.stat"), io);
    io.psi = ParsePsi(Read(dir, "io.pressure"));
    return io;
  }
  std::string dir = cgroup.DirOf("blkio");
  ParseIoV1(Read(dir, "blkio.throttle.io_service_bytes"), Read(dir, "blkio.throttle.io_serviced"),
            io);
  return io;
}

std::vector<HugetlbStats> ReadHugetlb(const Cgroup& cgroup) {
  std::vector<HugetlbStats> out;
  std::string dir = cgroup.DirOf("hugetlb");
  if (dir.empty()) return out;
  bool v2 = cgroup.layout() == CgroupLayout::kV2 || PathExists(dir + "/cgroup.controllers");
  std::string suffix = v2 ? ".current" : ".usage_in_bytes";
  std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(dir.c_str()), closedir);
  while (dirent* entry = handle ? readdir(handle.get()) : nullptr) {
    std::string name = entry->d_name;
    if (name.rfind("hugetlb.", 0) != 0 || name.size() <= 8 + suffix.size() ||
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0 ||
        name.find(".rsvd") != std::string::npos) {
      continue;
    }
    HugetlbStats stats;
    stats.page_size = name.substr(8, name.size() - 8 - suffix.size());
    stats.usage_bytes = Number(Read(dir, name.c_str()));
    std::string peak = "hugetlb." + stats.page_size + ".max_usage_in_bytes";
    stats.max_usage_bytes = Number(Read(dir, peak.c_str()));
    out.push_back(std::move(stats));
  }
  return out;
}

TaskCounts ReadTasks(const Cgroup& cgroup) {
  TaskCounts counts;
  std::string dir = cgroup.DirOf("pids");
  counts.threads = Number(Read(dir, "pids.current"));
  counts.processes = Lines(Read(dir, "cgroup.procs"));
  return counts;
}

}  // namespace onggi
