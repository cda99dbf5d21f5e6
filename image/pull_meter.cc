#include "image/pull_meter.h"

#include "base/clock.h"

namespace onggi {
namespace {
constexpr int64_t kIntervalNanos = 200'000'000;
}  // namespace

void PullMeter::Tell() {
  progress_.bytes_done = bytes_done_.load(std::memory_order_relaxed);
  told_at_.store(MonotonicNanos(), std::memory_order_relaxed);
  if (listener_) listener_(progress_);
}

void PullMeter::Stage(const std::string& stage) {
  MutexLock lock(mutex_);
  progress_.stage = stage;
  Tell();
}

void PullMeter::Expect(uint64_t bytes, int layers) {
  MutexLock lock(mutex_);
  progress_.bytes_total = bytes;
  progress_.layers_total = layers;
}

void PullMeter::AddBytes(uint64_t bytes) {
  bytes_done_.fetch_add(bytes, std::memory_order_relaxed);
  if (!listener_) return;
  if (MonotonicNanos() - told_at_.load(std::memory_order_relaxed) < kIntervalNanos) return;
  MutexLock lock(mutex_);
  if (MonotonicNanos() - told_at_.load(std::memory_order_relaxed) >= kIntervalNanos) Tell();
}

void PullMeter::AddLayer() {
  MutexLock lock(mutex_);
  ++progress_.layers_done;
  Tell();
}

}  // namespace onggi
