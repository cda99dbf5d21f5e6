#include "engine/events/event_bus.h"

#include <algorithm>
#include <chrono>

namespace onggi {
namespace {

// An event holds a pod and its containers, some tens of KiB at most: this bounds a dead subscriber.
constexpr size_t kQueueLimit = 4096;

}  // namespace

std::optional<Event> EventBus::Subscription::Next(const CancelToken& cancel) {
  MutexLock lock(mutex_);
  while (queue_.empty()) {
    if (closed_ || cancel.cancelled()) return std::nullopt;
    (void)wake_.WaitUntil(
        mutex_, std::chrono::steady_clock::now() + std::chrono::milliseconds(200));  // looped over
  }
  Event event = std::move(queue_.front());
  queue_.pop_front();
  return event;
}

uint64_t EventBus::Subscription::dropped() const {
  MutexLock lock(mutex_);
  return dropped_;
}

std::shared_ptr<EventBus::Subscription> EventBus::Subscribe() {
  auto subscription = std::make_shared<Subscription>();
  MutexLock lock(mutex_);
  if (closed_) {
    MutexLock inner(subscription->mutex_);
    subscription->closed_ = true;
  }
  subscribers_.push_back(subscription);
  return subscription;
}

bool EventBus::HasSubscribers() const {
  MutexLock lock(mutex_);
  return std::any_of(subscribers_.begin(), subscribers_.end(),
                     [](const auto& subscriber) { return !subscriber.expired(); });
}

void EventBus::Publish(const Event& event) {
  MutexLock lock(mutex_);
  auto alive = subscribers_.begin();
  for (auto& weak : subscribers_) {
    std::shared_ptr<Subscription> subscriber = weak.lock();
    if (!subscriber) continue;
    *alive++ = weak;
    {
      MutexLock inner(subscriber->mutex_);
      if (subscriber->queue_.size() >= kQueueLimit) {
        subscriber->queue_.pop_front();
        ++subscriber->dropped_;
      }
      subscriber->queue_.push_back(event);
    }
    subscriber->wake_.NotifyOne();
  }
  subscribers_.erase(alive, subscribers_.end());
}

void EventBus::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  for (auto& weak : subscribers_) {
    std::shared_ptr<Subscription> subscriber = weak.lock();
    if (!subscriber) continue;
    {
      MutexLock inner(subscriber->mutex_);
      subscriber->closed_ = true;
    }
    subscriber->wake_.NotifyAll();
  }
}

}  // namespace onggi
