// PullMeter: counts what a pull or push has done and tells whoever listens, a few times a second.
//
// Thread-safety: any thread. Listeners are called from the counting threads, one at a time.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/mutex.h"
#include "image/content/byte_source.h"
#include "image/image_service.h"

namespace onggi {

class PullMeter {
 public:
  using Listener = std::function<void(const PullProgress&)>;
  explicit PullMeter(Listener listener) : listener_(std::move(listener)) {}

  void Stage(const std::string& stage) EXCLUDES(mutex_);
  void Expect(uint64_t bytes, int layers) EXCLUDES(mutex_);
  void AddBytes(uint64_t bytes) EXCLUDES(mutex_);
  void AddLayer() EXCLUDES(mutex_);

 private:
  void Tell() REQUIRES(mutex_);

  const Listener listener_;
  std::atomic<uint64_t> bytes_done_{0};
  std::atomic<int64_t> told_at_{0};
  Mutex mutex_;
  PullProgress progress_ GUARDED_BY(mutex_);
};

// Counts into METER what is read from UPSTREAM; both must outlive it.
class MeteredSource : public ByteSource {
 public:
  MeteredSource(ByteSource& upstream, PullMeter& meter) : upstream_(upstream), meter_(meter) {}
  Result<size_t> Read(std::span<char> buffer) override {
    auto got = upstream_.Read(buffer);
    if (got) meter_.AddBytes(*got);
    return got;
  }

 private:
  ByteSource& upstream_;
  PullMeter& meter_;
};

}  // namespace onggi
