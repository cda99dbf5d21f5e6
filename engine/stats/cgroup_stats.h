// What a cgroup tells about cpu, memory, io, huge pages and processes, under v1 and v2.
//
// The parsers are pure; a file or line that is missing leaves its figures at 0.
//
// Thread-safety: free functions. Reads of cgroup files do not touch a disk.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/stats/stats.h"
#include "runtime/client/cgroup.h"

namespace onggi {

// "key value" lines.
uint64_t KeyedNumber(std::string_view text, std::string_view key);
// "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and "full ...".
std::optional<PsiStats> ParsePsi(std::string_view text);
// "unlimited" of either generation is 0.
uint64_t ParseLimit(std::string_view text);
// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 ..." of v2; "8:0 Read 1" of v1's throttle files.
void ParseIoV2(std::string_view text, IoStats& io);
void ParseIoV1(std::string_view bytes, std::string_view operations, IoStats& io);
// /proc/net/dev; the loopback is left out, "eth0" comes first.
std::vector<InterfaceStats> ParseNetDev(std::string_view text);

CpuStats ReadCpu(const Cgroup& cgroup);
MemoryStats ReadMemory(const Cgroup& cgroup);
IoStats ReadIo(const Cgroup& cgroup);
std::vector<HugetlbStats> ReadHugetlb(const Cgroup& cgroup);
struct TaskCounts {
  uint64_t processes = 0;
  uint64_t threads = 0;
};
TaskCounts ReadTasks(const Cgroup& cgroup);

}  // namespace onggi
