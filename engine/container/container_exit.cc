// Exits: from the monitors' reader threads into the store, the lists and the events.
#include "base/clock.h"
#include "engine/engine_impl.h"

namespace onggi {
namespace {

std::string ReasonOf(const ContainerExit& exit) {
  if (exit.oom_killed) return "OOMKilled";
  return exit.exit_code == 0 ? "Completed" : "Error";
}

}  // namespace

void EngineImpl::PostExit(ExitNotice notice) {
  {
    MutexLock lock(exits_mutex_);
    exits_.push_back(std::move(notice));
  }
  exits_wake_.NotifyOne();
}

void EngineImpl::WorkExits() {
  while (true) {
    ExitNotice notice;
    {
      MutexLock lock(exits_mutex_);
      while (exits_.empty() && !closing_) exits_wake_.Wait(exits_mutex_);
      if (closing_) return;
      notice = std::move(exits_.front());
      exits_.pop_front();
    }
    if (notice.exit) {
      TakeExit(*notice.exit);
    } else {
      OnMonitorGone(notice.pod_id);
    }
  }
}

void EngineImpl::TakeExit(const ContainerExit& exit) {
  auto container = registry_.FindContainer(exit.id);
  if (!container) return;  // removed, or a creation that was rolled back
  if ((*container)->HoldExit(exit)) return;
  MarkExited(*container, exit, ReasonOf(exit), "");
}

void EngineImpl::MarkExited(const std::shared_ptr<Container>& container, const ContainerExit& exit,
                            const std::string& reason, const std::string& message) {
  bool ended_now = false;
  auto end = [&](ContainerStatus& next) {
    if (next.state == ContainerState::kExited) return false;
    ended_now = true;
    next.state = ContainerState::kExited;
    next.exit_code = exit.exit_code;
    next.finished_at_ns = exit.finished_at_ns != 0 ? exit.finished_at_ns : WallNanos();
    next.reason = reason;
    next.message = message;
    next.pid = 0;
    return true;
  };
  // Recorded before it is shown. When the store cannot take it the exit is still told; the
  // monitor's own record is read again at the next start.
  ContainerStatus record = *container->Status();
  if (!end(record)) return;
  (void)records_.UpdateContainer(record);
  ended_now = false;
  (void)container->Modify(end);
  if (!ended_now) return;  // told by another meanwhile
  Tell(Event::Type::kStopped, container->id(), container->pod_id());
  // With a pid namespace of its own the kernel has killed the rest; where it is shared we do. The
  // group goes at once: an orchestrator removes the parent before it removes the container.
  if (const auto& cgroup = container->cgroup()) {
    (void)cgroup->KillAll();
    (void)cgroup->Remove(std::chrono::milliseconds(200));  // else when the container is removed
  }
}

void EngineImpl::Tell(Event::Type type, const std::string& id, const std::string& pod_id) {
  if (!events_.HasSubscribers()) return;
  Event event;
  event.type = type;
  event.timestamp_ns = WallNanos();
  event.id = id;
  if (auto pod = registry_.FindPod(pod_id)) event.pod = *(*pod)->Status();
  for (const auto& container : registry_.ContainersOf(pod_id)) {
    event.containers.push_back(*container->Status());
  }
  events_.Publish(event);
}

}  // namespace onggi
