// InputBuffer: the compressed bytes before a decoder. OutputBudget: how much may come out of it.
//
// Thread-safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "image/content/byte_source.h"
#include "image/layer/decompress.h"

namespace onggi {

class InputBuffer {
 public:
  explicit InputBuffer(ByteSource& upstream);

  // What was read and not yet taken.
  std::string_view available() const { return {data() + begin_, end_ - begin_}; }
  void Take(size_t bytes) { begin_ += bytes; }
  // Gives back bytes that were taken, at most kGiveBack, even when a Fill() came in between: a
  // bit-wise decoder reads ahead.
  void GiveBack(size_t bytes) { begin_ -= bytes; }
  // Reads more behind what is available, once; false at the end of upstream.
  Result<bool> Fill();
  uint64_t bytes_in() const { return bytes_in_; }
  ByteSource& upstream() { return *upstream_; }
  void CountDirect(uint64_t bytes) { bytes_in_ += bytes; }  // read past this buffer

  static constexpr size_t kGiveBack = 16;

 private:
  static constexpr size_t kSize = 128 << 10;
  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }

  ByteSource* upstream_;
  std::unique_ptr<char[]> bytes_;
  size_t begin_ = kGiveBack;
  size_t end_ = kGiveBack;
  uint64_t bytes_in_ = 0;
};

class OutputBudget {
 public:
  explicit OutputBudget(const DecompressLimits& limits) : limits_(limits) {}
  // InvalidArgument when BYTES more are too many for BYTES_IN so far.
  Result<> Charge(uint64_t bytes, uint64_t bytes_in);
  uint64_t bytes_out() const { return bytes_out_; }

 private:
  DecompressLimits limits_;
  uint64_t bytes_out_ = 0;
};

// The decoders: each takes over INPUT with what it holds.
std::unique_ptr<DecompressSource> MakePlainSource(InputBuffer input,
                                                  const DecompressLimits& limits);
std::unique_ptr<DecompressSource> MakeGzipSource(InputBuffer input, const DecompressLimits& limits);
std::unique_ptr<DecompressSource> MakeZstdSource(InputBuffer input, const DecompressLimits& limits);

}  // namespace onggi
