// CpuSampler: turns cumulative cpu time into a rate. A background thread feeds it; the rate is that
// between the two newest samples.
//
// Thread-safety: all methods from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/mutex.h"

namespace onggi {

class CpuSampler {
 public:
  void Add(const std::string& id, int64_t now_ns, uint64_t usage_ns);
  // Nanoseconds of cpu per second; 0 before there are two samples.
  uint64_t NanoCores(const std::string& id) const;
  void Forget(const std::string& id);

 private:
  struct Sample {
    int64_t at_ns = 0;
    uint64_t usage_ns = 0;
    uint64_t rate = 0;
  };
  mutable Mutex mutex_;
  std::map<std::string, Sample> samples_ GUARDED_BY(mutex_);
};

}  // namespace onggi
