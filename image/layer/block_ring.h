// BlockRing: hands the blocks of one stream from the thread that makes them to the thread that uses
// them, and hashes every block on the way.
//
// Hashing has to be done in order but by anybody: the producer does it when the ring is full, the
// consumer when it is empty. So two threads share three jobs evenly, whichever job is the heavy
// one, and none of them sleeps while there is work.
//
// Thread-safety: one producer thread and one consumer thread. Memory: kBlocks * kBlockBytes at
// most.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/mutex.h"
#include "base/result.h"
#include "image/digest.h"
#include "image/layer/block_source.h"

namespace onggi {

class BlockRing : public BlockSource {
 public:
  static constexpr size_t kBlockBytes = 256 << 10;
  static constexpr size_t kBlocks = 8;

  // Producer. Acquire: a free block to fill, kBlockBytes long; empty when the consumer has stopped.
  // Publish: it holds SIZE bytes now (more than 0). Close: no more comes, by end or by error.
  std::span<char> Acquire() EXCLUDES(mutex_);
  void Publish(size_t size) EXCLUDES(mutex_);
  void Close(Result<> outcome) EXCLUDES(mutex_);

  // Consumer. Next: after the last block the empty one, or the producer's error. Stop: wants no
  // more. Finish: after the end, the digest of all bytes.
  Result<std::string_view> Next() override EXCLUDES(mutex_);
  void Stop() EXCLUDES(mutex_);
  Digest Finish() EXCLUDES(mutex_);

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };
  Block& At(uint64_t index) { return blocks_[index % kBlocks]; }
  bool CanHash() const REQUIRES(mutex_) { return !hashing_ && hashed_ < produced_; }
  // Hashes the oldest block that is not; the lock is open meanwhile.
  void HashOne() REQUIRES(mutex_);

  Mutex mutex_;
  CondVar changed_;
  // Block i is the producer's before it is counted in produced_, then read-only until it is counted
  // in both consumed_ and hashed_.
  uint64_t produced_ GUARDED_BY(mutex_) = 0;
  uint64_t consumed_ GUARDED_BY(mutex_) = 0;
  uint64_t hashed_ GUARDED_BY(mutex_) = 0;
  bool lent_ GUARDED_BY(mutex_) = false;  // block consumed_ is with the consumer
  bool hashing_ GUARDED_BY(mutex_) = false;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::optional<Result<>> outcome_ GUARDED_BY(mutex_);
  std::array<Block, kBlocks> blocks_;
  Sha256 hash_;  // of whoever set hashing_
};

}  // namespace onggi
