// EventLoop: one thread, many descriptors and timers (epoll).
//
// Thread-safety: one thread. Ownership: descriptors are borrowed; Unwatch before closing one. A
// handler may watch, unwatch and close anything, itself included. Handlers must not block.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

class EventLoop {
 public:
  using Handler = std::function<void(uint32_t events)>;
  using TimerId = uint64_t;

  static Result<EventLoop> Make();

  // EVENTS: EPOLLIN, EPOLLOUT; 0 waits for nothing but errors and hang-ups.
  Result<> Watch(int fd, uint32_t events, Handler handler);
  Result<> Change(int fd, uint32_t events);
  // Success when it is not watched.
  void Unwatch(int fd);

  // Runs CALLBACK once after DELAY. Cancelling one that has run does nothing.
  TimerId After(std::chrono::milliseconds delay, std::function<void()> callback);
  void Cancel(TimerId timer);

  // Until Stop is called. An error of epoll itself ends it.
  Result<> Run();
  void Stop() { stopped_ = true; }

 private:
  struct Watched {
    uint32_t generation = 0;
    std::shared_ptr<Handler> handler;  // shared: it may unwatch itself while it runs
  };
  explicit EventLoop(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  int NextTimeout() const;
  void RunTimers();
  void Dispatch(const epoll_event& event);

  UniqueFd epoll_;
  std::unordered_map<int, Watched> watched_;
  uint32_t generation_ = 0;
  struct Timer {
    TimerId id;
    std::function<void()> callback;
  };
  std::multimap<int64_t, Timer> timers_;  // by CLOCK_MONOTONIC nanoseconds
  TimerId last_timer_ = 0;
  bool stopped_ = false;
};

}  // namespace onggi
