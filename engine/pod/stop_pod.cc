// StopPod and RemovePod, and what a pod leaves on the host.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>

#include "base/file_io.h"
#include "engine/engine_impl.h"
#include "engine/fail_point.h"
#include "engine/pod/pod_files.h"

namespace onggi {
namespace {

constexpr const char* kPins[] = {"net", "network", "ipc", "uts", "user", "pid"};

}  // namespace

Result<> EngineImpl::DetachNetwork(const PodStatus& status) {
  if (status.config.namespaces.network != NamespaceMode::kPod) return Ok();
  PodNetworkRequest request = NetworkRequest(status);
  // Plugins take an empty path as "the namespace is gone, undo the rest".
  if (!PathExists(request.netns_path)) request.netns_path.clear();
  return rooms_.network->Detach(request);
}

Result<> EngineImpl::CleanPod(const PodPaths& paths, const std::string& cgroup_path) {
  for (const char* name : kPins) {
    TRY(DetachMount(paths.pins + "/" + name));
  }
  TRY(DetachMount(paths.shm));
  if (auto cgroup = Cgroup::Open(cgroup_path)) {
    TRY(cgroup->KillAll());
    TRY(cgroup->Remove());
  }
  return RemoveTree(paths.dir);
}

Result<> EngineImpl::KillContainersOf(const std::string& pod_id) {
  std::vector<std::shared_ptr<Container>> containers = registry_.ContainersOf(pod_id);
  // All are told first, so that they die at the same time.
  for (const auto& container : containers) {
    if (container->Status()->state == ContainerState::kExited) continue;
    container->ShortenDeadline(Container::TimePoint::min());
    TRY(Kill(container));
  }
  for (const auto& container : containers) {
    TRY(StopContainer(container->id(), std::chrono::seconds(0)));
  }
  return Ok();
}

Result<> EngineImpl::StopPodLocked(const std::shared_ptr<Pod>& pod) {
  std::shared_ptr<const PodStatus> status = pod->Status();
  TRY(KillContainersOf(pod->id()));
  TRY(FailPoint("stop-pod.network"));
  // A stop is repeated until it succeeds; each step of it may have been done before.
  TRY(DetachNetwork(*status));
  if (std::shared_ptr<MonitorClient> monitor = pod->monitor()) {
    monitor->OnGone(nullptr);
    (void)monitor->Shutdown();  // when it is gone already the pins are detached below
    pod->SetMonitor(nullptr);
  }
  bool was_ready = status->state == PodState::kReady;
  TRY(FailPoint("stop-pod.clean"));
  TRY(CleanPod(pod->paths(), status->cgroup_path));
  if (!was_ready && status->ips.empty()) return Ok();
  TRY(records_.UpdatePod(*pod->Modify([](PodStatus& next) {
    next.state = PodState::kNotReady;
    next.ips.clear();
    next.monitor_pid = 0;
  })));
  if (was_ready) Tell(Event::Type::kStopped, pod->id(), pod->id());
  return Ok();
}

Result<> EngineImpl::StopPod(const std::string& id) {
  auto found = registry_.FindPod(id);
  if (!found && found.error().code() == Code::kNotFound) return Ok();
  TRY_ASSIGN(std::shared_ptr<Pod> pod, std::move(found));
  std::unique_lock lock(pod->operation());
  return StopPodLocked(pod).Wrap("stop pod sandbox " + pod->id());
}

Result<> EngineImpl::RemovePod(const std::string& id) {
  auto found = registry_.FindPod(id);
  if (!found && found.error().code() == Code::kNotFound) return Ok();
  TRY_ASSIGN(std::shared_ptr<Pod> pod, std::move(found));
  std::unique_lock lock(pod->operation());
  if (!registry_.FindPod(pod->id())) return Ok();  // another removal was first
  TRY(StopPodLocked(pod).Wrap("remove pod sandbox " + pod->id()));
  for (const auto& container : registry_.ContainersOf(pod->id())) {
    TRY(RemoveContainerLocked(container).Wrap("remove pod sandbox " + pod->id()));
  }
  TRY(FailPoint("remove-pod.record"));
  TRY(records_.DeletePod(pod->id()));
  registry_.RemovePod(pod->id());
  sampler_.Forget(pod->id());
  pod_names_.Release(PodKey(pod->Status()->config.metadata), pod->id());
  Tell(Event::Type::kDeleted, pod->id(), pod->id());
  return Ok();
}

}  // namespace onggi
