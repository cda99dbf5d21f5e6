// The engine's stats: of one, of all, and the background samples for usage_nano_cores.
#include <algorithm>

#include "base/clock.h"
#include "base/file_io.h"
#include "engine/engine_impl.h"
#include "engine/stats/cgroup_stats.h"

namespace onggi {

ContainerStats EngineImpl::ReadStats(const ContainerStatus& status, const Cgroup* cgroup) {
  ContainerStats stats;
  stats.container = status;
  stats.timestamp_ns = WallNanos();
  if (cgroup != nullptr) {
    stats.cpu = ReadCpu(*cgroup);
    stats.cpu.usage_nano_cores = sampler_.NanoCores(status.id);
    stats.memory = ReadMemory(*cgroup);
    stats.io = ReadIo(*cgroup);
    stats.hugetlb = ReadHugetlb(*cgroup);
    TaskCounts tasks = ReadTasks(*cgroup);
    stats.processes = tasks.processes;
    stats.threads = tasks.threads;
  }
  stats.writable_layer_mountpoint = options_.root;
  if (auto usage = rooms_.snapshotter->UsageOf(status.snapshot_key)) {
    stats.writable_layer_bytes = usage->bytes;
    stats.writable_layer_inodes = usage->inodes;
  }
  return stats;
}

Result<ContainerStats> EngineImpl::StatsOf(const std::string& container_id) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(container_id));
  return ReadStats(*container->Status(), container->cgroup().get());
}

std::vector<ContainerStats> EngineImpl::ListStats(const ContainerFilter& filter) {
  std::vector<ContainerStats> out;
  for (const auto& container : registry_.Containers()) {
    std::shared_ptr<const ContainerStatus> status = container->Status();
    if (status->state == ContainerState::kExited || !Matches(filter, *status)) continue;
    out.push_back(ReadStats(*status, container->cgroup().get()));
  }
  return out;
}

Result<PodStats> EngineImpl::PodStatsOf(const std::string& pod_id) {
  TRY_ASSIGN(std::shared_ptr<Pod> pod, registry_.FindPod(pod_id));
  PodStats stats;
  stats.pod = *pod->Status();
  stats.timestamp_ns = WallNanos();
  if (stats.pod.state == PodState::kReady) {
    if (auto cgroup = Cgroup::Open(stats.pod.cgroup_path)) {
      stats.cpu = ReadCpu(*cgroup);
      stats.cpu.usage_nano_cores = sampler_.NanoCores(pod->id());
      stats.memory = ReadMemory(*cgroup);
      stats.io = ReadIo(*cgroup);
    }
    // The monitor lives in the pod's network namespace.
    if (stats.pod.config.namespaces.network == NamespaceMode::kPod) {
      std::string file = "/proc/" + std::to_string(stats.pod.monitor_pid) + "/net/dev";
      stats.interfaces = ParseNetDev(ReadFile(file, 1 << 20).value_or(""));
    }
  }
  ContainerFilter of_pod;
  of_pod.pod_id = pod->id();
  stats.containers = ListStats(of_pod);
  for (const ContainerStats& container : stats.containers) stats.processes += container.processes;
  return stats;
}

std::vector<PodStats> EngineImpl::ListPodStats(const PodFilter& filter) {
  std::vector<PodStats> out;
  for (const auto& pod : registry_.Pods()) {
    if (!Matches(filter, *pod->Status())) continue;
    if (auto stats = PodStatsOf(pod->id())) out.push_back(std::move(*stats));
  }
  return out;
}

void EngineImpl::SampleCpu() {
  constexpr auto kPeriod = std::chrono::seconds(10);
  auto next = std::chrono::steady_clock::now();
  while (true) {
    next += kPeriod;
    {
      MutexLock lock(exits_mutex_);
      while (!closing_ && std::chrono::steady_clock::now() < next) {
        (void)closing_wake_.WaitUntil(exits_mutex_, next);  // looped over
      }
      if (closing_) return;
    }
    for (const auto& container : registry_.Containers()) {
      if (container->Status()->state != ContainerState::kRunning || !container->cgroup()) continue;
      sampler_.Add(container->id(), MonotonicNanos(), ReadCpu(*container->cgroup()).usage_core_ns);
    }
    for (const auto& pod : registry_.Pods()) {
      std::shared_ptr<const PodStatus> status = pod->Status();
      if (status->state != PodState::kReady) continue;
      if (auto cgroup = Cgroup::Open(status->cgroup_path)) {
        sampler_.Add(pod->id(), MonotonicNanos(), ReadCpu(*cgroup).usage_core_ns);
      }
    }
  }
}

}  // namespace onggi
