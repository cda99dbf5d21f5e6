// EventBus: tells subscribers what became of pods and containers, after it is visible in lists.
//
// Each subscriber has its own bounded queue; a slow one loses the oldest events, and its drop
// counter says how many. Publishing never blocks.
//
// Thread-safety: all methods from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/mutex.h"
#include "engine/container/container_config.h"
#include "engine/pod/pod_config.h"

namespace onggi {

struct Event {
  enum class Type { kCreated, kStarted, kStopped, kDeleted };
  Type type = Type::kCreated;
  int64_t timestamp_ns = 0;
  std::string id;                // of the container, or of the pod when it is about the pod
  std::optional<PodStatus> pod;  // as lists showed it when the event was made
  std::vector<ContainerStatus> containers;  // all of the pod
};

class EventBus {
 public:
  class Subscription {
   public:
    // The next event; nullopt when CANCEL was asked (check every 200 ms at the latest) or the bus
    // closed.
    std::optional<Event> Next(const CancelToken& cancel);
    uint64_t dropped() const;

   private:
    friend class EventBus;
    mutable Mutex mutex_;
    CondVar wake_;
    std::deque<Event> queue_ GUARDED_BY(mutex_);
    uint64_t dropped_ GUARDED_BY(mutex_) = 0;
    bool closed_ GUARDED_BY(mutex_) = false;
  };

  std::shared_ptr<Subscription> Subscribe();
  void Publish(const Event& event);
  // Whether making an event is worth it.
  bool HasSubscribers() const;
  // Wakes everyone; no more events come.
  void Close();

 private:
  mutable Mutex mutex_;
  std::vector<std::weak_ptr<Subscription>> subscribers_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace onggi
