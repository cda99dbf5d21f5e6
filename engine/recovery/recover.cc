// Recover: what a daemon does first. The store says what was acknowledged, the monitors what became
// of it; everything else goes.
#include <mutex>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/log.h"
#include "base/strings.h"
#include "engine/engine_impl.h"

namespace onggi {
namespace {

// A monitor answers at once or never; with many pods the waits go on side by side.
constexpr std::chrono::milliseconds kConnectTimeout{2000};
constexpr size_t kParallel = 16;

std::string BootId() {
  return std::string(Trim(ReadFile("/proc/sys/kernel/random/boot_id", 64).value_or("")));
}

}  // namespace

Result<> EngineImpl::Recover() {
  TRY(LoadRecords());
  TRY_ASSIGN(std::string last_boot, records_.Meta("boot_id"));
  std::string boot = BootId();
  if (last_boot == boot) {
    Reconnect();
  } else {
    for (const auto& pod : registry_.Pods()) GiveUpPod(pod, "the node was rebooted");
    TRY(records_.SetMeta("boot_id", boot));
  }
  Sweep();
  exits_thread_ = std::thread([this] { WorkExits(); });
  sampler_thread_ = std::thread([this] { SampleCpu(); });
  return Ok();
}

Result<> EngineImpl::LoadRecords() {
  TRY_ASSIGN(Records::Loaded loaded, records_.Load());
  for (const std::string& damaged : loaded.damaged) {
    LOG(kError, "damaged record, leaving it out", {"record", damaged});
  }
  for (PodStatus& status : loaded.pods) {
    pod_names_.Set(PodKey(status.config.metadata), status.id);
    PodPaths paths = PathsOf(options_.state, status.id);
    registry_.AddPod(std::make_shared<Pod>(std::move(status), std::move(paths)));
  }
  for (ContainerStatus& status : loaded.containers) {
    if (!registry_.FindPod(status.pod_id)) {
      (void)records_.DeleteContainer(status.id);  // its pod was damaged; the sweep takes its files
      continue;
    }
    container_names_.Set(ContainerKey(status.pod_id, status.config.metadata), status.id);
    std::string cgroup_path = status.cgroup_path;
    auto container = std::make_shared<Container>(std::move(status));
    if (auto cgroup = Cgroup::Open(cgroup_path)) container->SetCgroup(std::move(*cgroup));
    registry_.AddContainer(std::move(container));
  }
  return Ok();
}

void EngineImpl::Reconnect() {
  ThreadPool pool(kParallel);  // joined at the end of this block
  for (const auto& pod : registry_.Pods()) {
    if (pod->Status()->state != PodState::kReady) continue;
    pool.Submit([this, pod] { ReconnectPod(pod); });
  }
}

void EngineImpl::ReconnectPod(const std::shared_ptr<Pod>& pod) {
  auto monitor = MonitorClient::Connect(pod->paths().monitor, kConnectTimeout);
  if (!monitor) return GiveUpPod(pod, monitor.error().message());
  auto found = (*monitor)->List();
  if (!found) return GiveUpPod(pod, found.error().message());
  pod->SetMonitor(std::move(*monitor));
  AdoptContainers(pod, std::move(*found));
  WatchMonitor(pod);
}

void EngineImpl::AdoptContainers(const std::shared_ptr<Pod>& pod,
                                 std::vector<MonitoredContainer> found) {
  std::map<std::string, MonitoredContainer> by_id;
  for (MonitoredContainer& one : found) by_id[one.id] = std::move(one);
  for (const auto& container : registry_.ContainersOf(pod->id())) {
    auto at = by_id.find(container->id());
    if (container->Status()->state == ContainerState::kExited) {
      by_id.erase(container->id());
      continue;
    }
    if (at == by_id.end()) {
      ContainerExit lost;
      lost.exit_code = 255;
      MarkExited(container, lost, "Unknown", "the monitor does not know it");
      continue;
    }
    const MonitoredContainer& now = at->second;
    bool started = now.state != MonitoredContainer::State::kCreated;
    (void)container->Modify([&](ContainerStatus& next) {
      next.pid = now.pid;
      if (started && next.state == ContainerState::kCreated) {
        next.state = ContainerState::kRunning;  // a start whose answer nobody heard
        next.started_at_ns = now.started_at_ns;
      }
      return true;
    });
    (void)records_.UpdateContainer(*container->Status());
    if (now.exit) TakeExit(*now.exit);
    by_id.erase(at);
  }
  // Creations whose record was never written.
  for (const auto& [id, one] : by_id) {
    (void)pod->monitor()->Delete(id);
    if (auto cgroup = Cgroup::Open(pod->Status()->cgroup_path + "/" + id)) (void)cgroup->Remove();
  }
}

void EngineImpl::GiveUpPod(const std::shared_ptr<Pod>& pod, const std::string& why) {
  std::shared_ptr<const PodStatus> status = pod->Status();
  if (status->state == PodState::kReady) {
    LOG(kWarn, "pod sandbox lost, marking it not ready", {"pod", pod->id()}, {"error", why});
    auto next = pod->Modify([](PodStatus& newest) {
      newest.state = PodState::kNotReady;
      newest.monitor_pid = 0;
    });
    (void)records_.UpdatePod(*next);  // in memory it is not ready in any case
  }
  pod->SetMonitor(nullptr);
  for (const auto& container : registry_.ContainersOf(pod->id())) {
    if (container->Status()->state == ContainerState::kExited) continue;
    if (const auto& cgroup = container->cgroup()) (void)cgroup->KillAll();
    ContainerExit lost;
    lost.exit_code = 255;
    MarkExited(container, lost, "Unknown", why);
  }
}

void EngineImpl::OnMonitorGone(const std::string& pod_id) {
  auto pod = registry_.FindPod(pod_id);
  if (!pod || !(*pod)->monitor()) return;  // stopped meanwhile
  GiveUpPod(*pod, "its monitor has died");
  Tell(Event::Type::kStopped, pod_id, pod_id);
}

}  // namespace onggi
