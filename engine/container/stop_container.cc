// StopContainer, KillContainer, WaitContainer.
#include <csignal>

#include "base/clock.h"
#include "engine/engine_impl.h"

namespace onggi {
namespace {

using Clock = std::chrono::steady_clock;

// How long after SIGKILL the end may take: beyond it a process hangs in the kernel.
constexpr std::chrono::seconds kKillPatience{30};

// Anything longer is "for ever", and adding it to a time point must not overflow.
constexpr std::chrono::seconds kLongest{60L * 60 * 24 * 365};

}  // namespace

Result<> EngineImpl::Kill(const std::shared_ptr<Container>& container) {
  if (auto monitor = MonitorOf(*container)) {
    // Also of a container that was never started.
    TRY((*monitor)->Signal(container->id(), SIGKILL));
  }
  if (const auto& cgroup = container->cgroup()) {
    (void)cgroup->Thaw();  // a frozen group of v1 dies only when it is thawed
    TRY(cgroup->KillAll());
  }
  return Ok();
}

Result<> EngineImpl::StopContainer(const std::string& id, std::chrono::seconds timeout) {
  auto found = registry_.FindContainer(id);
  if (!found && found.error().code() == Code::kNotFound) return Ok();
  TRY_ASSIGN(std::shared_ptr<Container> container, std::move(found));
  std::shared_ptr<const ContainerStatus> status = container->Status();
  if (status->state == ContainerState::kExited) return Ok();
  bool gentle = timeout.count() > 0 && status->state == ContainerState::kRunning;
  if (gentle && container->ClaimSignal()) {
    if (const auto& cgroup = container->cgroup()) (void)cgroup->Thaw();  // it must see the signal
    TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOf(*container));
    TRY(monitor->Signal(container->id(), status->stop_signal)
            .Wrap("stop container " + container->id()));
  }
  container->ShortenDeadline(gentle ? Clock::now() + std::min(timeout, kLongest) : Clock::now());
  while (true) {
    switch (container->WaitStopStep(kKillPatience, CancelToken())) {
      case Container::StopStep::kExited:
        return Ok();
      case Container::StopStep::kKill:
        TRY(Kill(container).Wrap("stop container " + container->id()));
        break;
      case Container::StopStep::kTimeout:
        return DeadlineExceeded("stop container " + container->id() +
                                ": its process has not ended 30 s after SIGKILL; it hangs in the "
                                "kernel");
    }
  }
}

Result<> EngineImpl::KillContainer(const std::string& id, int signal) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  if (signal < 1 || signal > 64) {
    return InvalidArgument("signal " + std::to_string(signal) + " is not allowed: 1 to 64");
  }
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOfRunning(*container));
  return monitor->Signal(container->id(), signal).Wrap("kill container " + container->id());
}

Result<int> EngineImpl::WaitContainer(const std::string& id, const CancelToken& cancel) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  if (!container->WaitExited(std::nullopt, cancel)) return Cancelled("cancelled by the caller");
  return container->Status()->exit_code;
}

}  // namespace onggi
