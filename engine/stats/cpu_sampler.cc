#include "engine/stats/cpu_sampler.h"

namespace onggi {

void CpuSampler::Add(const std::string& id, int64_t now_ns, uint64_t usage_ns) {
  MutexLock lock(mutex_);
  auto [at, inserted] = samples_.try_emplace(id);
  Sample& sample = at->second;
  int64_t passed = now_ns - sample.at_ns;
  if (!inserted && passed > 0 && usage_ns >= sample.usage_ns) {
    auto used = static_cast<double>(usage_ns - sample.usage_ns);
    sample.rate = static_cast<uint64_t>(used * 1e9 / static_cast<double>(passed));
  }
  sample.at_ns = now_ns;
  sample.usage_ns = usage_ns;
}

uint64_t CpuSampler::NanoCores(const std::string& id) const {
  MutexLock lock(mutex_);
  auto at = samples_.find(id);
  return at == samples_.end() ? 0 : at->second.rate;
}

void CpuSampler::Forget(const std::string& id) {
  MutexLock lock(mutex_);
  samples_.erase(id);
}

}  // namespace onggi
