#include "engine/container/container.h"

#include <algorithm>

namespace onggi {
namespace {

using Clock = std::chrono::steady_clock;

// CancelToken wakes nobody: how late a cancelled wait may end.
constexpr auto kCancelPoll = std::chrono::milliseconds(200);

}  // namespace

std::shared_ptr<const ContainerStatus> Container::Modify(
    const std::function<bool(ContainerStatus&)>& change) {
  std::shared_ptr<const ContainerStatus> newest;
  {
    MutexLock lock(mutex_);
    auto next = std::make_shared<ContainerStatus>(*status_);
    if (!change(*next)) return status_;
    newest = status_ = std::move(next);
  }
  changed_.NotifyAll();
  return newest;
}

bool Container::WaitExited(std::optional<TimePoint> deadline, const CancelToken& cancel) {
  MutexLock lock(mutex_);
  while (status_->state != ContainerState::kExited) {
    TimePoint now = Clock::now();
    if (cancel.cancelled() || (deadline && now >= *deadline)) return false;
    (void)changed_.WaitUntil(mutex_, std::min(deadline.value_or(now + kCancelPoll),
                                              now + kCancelPoll));  // looped over
  }
  return true;
}

void Container::BeginStart() {
  MutexLock lock(mutex_);
  starting_ = true;
}

bool Container::HoldExit(const ContainerExit& exit) {
  MutexLock lock(mutex_);
  if (starting_) held_exit_ = exit;
  return starting_;
}

std::optional<ContainerExit> Container::FinishStart() {
  MutexLock lock(mutex_);
  starting_ = false;
  return std::exchange(held_exit_, std::nullopt);
}

bool Container::ClaimSignal() {
  MutexLock lock(mutex_);
  return !std::exchange(signalled_, true);
}

void Container::ShortenDeadline(TimePoint deadline) {
  {
    MutexLock lock(mutex_);
    kill_at_ = std::min(kill_at_, deadline);
  }
  changed_.NotifyAll();
}

Container::StopStep Container::WaitStopStep(std::chrono::seconds give_up,
                                            const CancelToken& cancel) {
  MutexLock lock(mutex_);
  while (status_->state != ContainerState::kExited) {
    TimePoint now = Clock::now();
    if (now >= kill_at_ && !std::exchange(killed_, true)) {
      killed_at_ = now;
      return StopStep::kKill;
    }
    TimePoint limit = killed_ ? killed_at_ + give_up : kill_at_;
    if ((killed_ && now >= limit) || cancel.cancelled()) {
      killed_ = false;  // the next stop tries again
      return StopStep::kTimeout;
    }
    (void)changed_.WaitUntil(mutex_, std::min(limit, now + kCancelPoll));  // looped over
  }
  return StopStep::kExited;
}

}  // namespace onggi
