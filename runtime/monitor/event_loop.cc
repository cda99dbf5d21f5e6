#include "runtime/monitor/event_loop.h"

#include <algorithm>
#include <limits>

#include "base/clock.h"

namespace onggi {
namespace {

constexpr int64_t kNanosPerMilli = 1'000'000;

}  // namespace

Result<EventLoop> EventLoop::Make() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return SysError("epoll_create1");
  return EventLoop(std::move(epoll));
}

Result<> EventLoop::Watch(int fd, uint32_t events, Handler handler) {
  // The generation tells an event of a closed descriptor from one of its successor's with the same
  // number in the same batch.
  epoll_event event{};
  event.events = events;
  event.data.u64 = uint64_t{++generation_} << 32 | static_cast<uint32_t>(fd);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return SysError("epoll_ctl(add)");
  watched_[fd] = {generation_, std::make_shared<Handler>(std::move(handler))};
  return Ok();
}

Result<> EventLoop::Change(int fd, uint32_t events) {
  auto found = watched_.find(fd);
  if (found == watched_.end()) return SysError("epoll_ctl(modify)", ENOENT);
  epoll_event event{};
  event.events = events;
  event.data.u64 = uint64_t{found->second.generation} << 32 | static_cast<uint32_t>(fd);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) return SysError("epoll_ctl(modify)");
  return Ok();
}

void EventLoop::Unwatch(int fd) {
  if (watched_.erase(fd) == 0) return;
  (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);  // only fails when it is gone
}

EventLoop::TimerId EventLoop::After(std::chrono::milliseconds delay,
                                    std::function<void()> callback) {
  int64_t millis = std::clamp<int64_t>(delay.count(), 0, int64_t{1} << 40);
  timers_.emplace(MonotonicNanos() + millis * kNanosPerMilli,
                  Timer{++last_timer_, std::move(callback)});
  return last_timer_;
}

void EventLoop::Cancel(TimerId timer) {
  auto found = std::find_if(timers_.begin(), timers_.end(),
                            [timer](const auto& entry) { return entry.second.id == timer; });
  if (found != timers_.end()) timers_.erase(found);
}

int EventLoop::NextTimeout() const {
  if (timers_.empty()) return -1;
  int64_t left = timers_.begin()->first - MonotonicNanos();
  if (left <= 0) return 0;
  return static_cast<int>(std::min<int64_t>((left + kNanosPerMilli - 1) / kNanosPerMilli,
                                            std::numeric_limits<int>::max()));
}

void EventLoop::RunTimers() {
  int64_t now = MonotonicNanos();
  while (!timers_.empty() && timers_.begin()->first <= now && !stopped_) {
    auto callback = std::move(timers_.begin()->second.callback);
    timers_.erase(timers_.begin());
    callback();
  }
}

void EventLoop::Dispatch(const epoll_event& event) {
  auto found = watched_.find(static_cast<int>(event.data.u64 & 0xffffffff));
  if (found == watched_.end() || found->second.generation != event.data.u64 >> 32) return;
  std::shared_ptr<Handler> handler = found->second.handler;
  (*handler)(event.events);
}

Result<> EventLoop::Run() {
  epoll_event events[16];
  while (!stopped_) {
    int count = epoll_wait(epoll_.get(), events, 16, NextTimeout());
    if (count < 0 && errno != EINTR) return SysError("epoll_wait");
    for (int i = 0; i < count && !stopped_; ++i) Dispatch(events[i]);
    RunTimers();
  }
  return Ok();
}

}  // namespace onggi
