// StartContainer: lets the first process go on to execve.
#include <mutex>
#include <shared_mutex>

#include "base/clock.h"
#include "engine/engine_impl.h"
#include "engine/fail_point.h"

namespace onggi {
namespace {

const char* StateName(ContainerState state) {
  static constexpr const char* kNames[] = {"created", "running", "exited", "unknown"};
  return kNames[static_cast<size_t>(state)];
}

}  // namespace

Result<std::shared_ptr<MonitorClient>> EngineImpl::MonitorOf(const Container& container) {
  TRY_ASSIGN(std::shared_ptr<Pod> pod, registry_.FindPod(container.pod_id()));
  std::shared_ptr<MonitorClient> monitor = pod->monitor();
  if (!monitor) return FailedPrecondition("pod sandbox " + pod->id() + " is not ready");
  return monitor;
}

Result<std::shared_ptr<MonitorClient>> EngineImpl::MonitorOfRunning(const Container& container) {
  if (ContainerState state = container.Status()->state; state != ContainerState::kRunning) {
    return FailedPrecondition("container " + container.id() + " is not running but " +
                              StateName(state));
  }
  return MonitorOf(container);
}

// kubelet shows reason and message of a container that never ran.
void EngineImpl::FailStart(const std::shared_ptr<Container>& container, const Error& error) {
  if (auto monitor = MonitorOf(*container)) {
    (void)(*monitor)->Signal(container->id(), 9);  // it may have ended by itself
  }
  ContainerExit exit;
  exit.id = container->id();
  exit.exit_code = 128;
  exit.finished_at_ns = WallNanos();
  MarkExited(container, exit, "StartError", error.message());
}

Result<> EngineImpl::StartContainer(const std::string& id) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  TRY_ASSIGN(std::shared_ptr<Pod> pod, registry_.FindPod(container->pod_id()));
  std::shared_lock pod_lock(pod->operation());
  MutexLock lock(container->operation());
  std::shared_ptr<const ContainerStatus> status = container->Status();
  if (status->state != ContainerState::kCreated) {
    return FailedPrecondition("container " + container->id() + " is not created but " +
                              StateName(status->state));
  }
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOf(*container));
  TRY(FailPoint("start.monitor"));
  container->BeginStart();
  auto started = monitor->Start(container->id());
  ContainerStatus next = *status;
  next.state = ContainerState::kRunning;
  next.started_at_ns = WallNanos();
  if (started) started = FailPoint("start.record");
  if (started) started = records_.UpdateContainer(next);
  if (!started) {
    (void)container->FinishStart();  // the failure says more than the exit
    FailStart(container, started.error());
    return std::move(started).Wrap("start container " + container->id());
  }
  (void)container->Modify([&](ContainerStatus& newest) {
    newest.state = next.state;
    newest.started_at_ns = next.started_at_ns;
    return true;
  });
  Tell(Event::Type::kStarted, container->id(), container->pod_id());
  if (std::optional<ContainerExit> exit = container->FinishStart()) PostExit({pod->id(), *exit});
  return Ok();
}

}  // namespace onggi
