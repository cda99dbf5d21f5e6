// Stats: what containers and pods use, in the units of CRI v1 (nanoseconds, bytes). Cumulative
// values come from cgroup files; usage_nano_cores from background samples.
//
// Thread-safety: plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/container/container_config.h"
#include "engine/pod/pod_config.h"

namespace onggi {

struct PsiData {
  uint64_t total_ns = 0;
  double avg10 = 0;
  double avg60 = 0;
  double avg300 = 0;
};
struct PsiStats {
  PsiData some;
  PsiData full;
};

struct CpuStats {
  uint64_t usage_core_ns = 0;
  uint64_t usage_nano_cores = 0;
  uint64_t user_ns = 0;
  uint64_t system_ns = 0;
  uint64_t throttled_periods = 0;
  uint64_t periods = 0;
  uint64_t throttled_ns = 0;
  std::optional<PsiStats> psi;
};

struct MemoryStats {
  uint64_t usage_bytes = 0;
  uint64_t working_set_bytes = 0;  // usage - inactive_file
  uint64_t rss_bytes = 0;          // anonymous
  uint64_t page_faults = 0;
  uint64_t major_page_faults = 0;
  uint64_t cache_bytes = 0;
  uint64_t mapped_file_bytes = 0;
  uint64_t max_usage_bytes = 0;
  uint64_t failures = 0;
  uint64_t limit_bytes = 0;  // 0: none
  uint64_t swap_usage_bytes = 0;
  uint64_t swap_limit_bytes = 0;  // 0: none
  std::optional<PsiStats> psi;
};

struct IoStats {
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
  uint64_t reads = 0;
  uint64_t writes = 0;
  std::optional<PsiStats> psi;
};

struct HugetlbStats {
  std::string page_size;
  uint64_t usage_bytes = 0;
  uint64_t max_usage_bytes = 0;
};

struct InterfaceStats {
  std::string name;
  uint64_t rx_bytes = 0;
  uint64_t rx_packets = 0;
  uint64_t rx_errors = 0;
  uint64_t rx_dropped = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_packets = 0;
  uint64_t tx_errors = 0;
  uint64_t tx_dropped = 0;
};

struct ContainerStats {
  ContainerStatus container;
  int64_t timestamp_ns = 0;
  CpuStats cpu;
  MemoryStats memory;
  IoStats io;
  std::vector<HugetlbStats> hugetlb;
  uint64_t processes = 0;
  uint64_t threads = 0;
  std::string writable_layer_mountpoint;
  uint64_t writable_layer_bytes = 0;
  uint64_t writable_layer_inodes = 0;
};

struct PodStats {
  PodStatus pod;
  int64_t timestamp_ns = 0;
  CpuStats cpu;
  MemoryStats memory;
  IoStats io;
  uint64_t processes = 0;
  std::vector<InterfaceStats> interfaces;  // eth0 or the first one first
  std::vector<ContainerStats> containers;
};

}  // namespace onggi
