#include "image/layer/block_ring.h"

#include <algorithm>

namespace onggi {

void BlockRing::HashOne() {
  hashing_ = true;
  Block& block = At(hashed_);
  mutex_.Unlock();
  hash_.Update({block.bytes.get(), block.size});
  mutex_.Lock();
  hashing_ = false;
  hashed_ += 1;
  changed_.NotifyAll();
}

std::span<char> BlockRing::Acquire() {
  MutexLock lock(mutex_);
  while (!stopped_ && produced_ - std::min(consumed_, hashed_) == kBlocks) {
    if (CanHash()) {
      HashOne();
    } else {
      changed_.Wait(mutex_);
    }
  }
  if (stopped_) return {};
  Block& block = At(produced_);
  // Made when first used: a small layer never touches most of the ring.
  if (!block.bytes) block.bytes.reset(new char[kBlockBytes]);
  return {block.bytes.get(), kBlockBytes};
}

void BlockRing::Publish(size_t size) {
  MutexLock lock(mutex_);
  CHECK(size > 0 && size <= kBlockBytes);
  At(produced_).size = size;
  produced_ += 1;
  changed_.NotifyAll();
}

void BlockRing::Close(Result<> outcome) {
  MutexLock lock(mutex_);
  outcome_.emplace(std::move(outcome));
  changed_.NotifyAll();
}

Result<std::string_view> BlockRing::Next() {
  MutexLock lock(mutex_);
  if (lent_) {
    lent_ = false;
    consumed_ += 1;
    changed_.NotifyAll();
  }
  while (consumed_ == produced_) {
    if (outcome_) {
      if (!outcome_->has_value()) return outcome_->error().Clone();
      return std::string_view();
    }
    if (CanHash()) {
      HashOne();
    } else {
      changed_.Wait(mutex_);
    }
  }
  lent_ = true;
  Block& block = At(consumed_);
  return std::string_view(block.bytes.get(), block.size);
}

void BlockRing::Stop() {
  MutexLock lock(mutex_);
  stopped_ = true;
  changed_.NotifyAll();
}

Digest BlockRing::Finish() {
  MutexLock lock(mutex_);
  while (hashed_ < produced_) {
    if (CanHash()) {
      HashOne();
    } else {
      changed_.Wait(mutex_);
    }
  }
  return hash_.Finish();
}

}  // namespace onggi
