// TarWriter: a LayerSink that writes the entries as a layer's tar: what ApplyLayer reads. ustar
// with pax records only where ustar has no room; whole seconds; no user or group names. The same
// entries give the same bytes.
//
// Thread-safety: one thread. Ownership: borrows the ByteSink and does not finish it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "image/layer/byte_sink.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

class TarWriter : public LayerSink {
 public:
  explicit TarWriter(ByteSink& out) : out_(out) {}

  // The bytes of a regular file must all have come (Write()) before the next call:
  // FailedPrecondition.
  Result<> Add(const LayerEntry& entry) override;
  Result<> Write(std::string_view bytes) override;
  Result<> Whiteout(const std::string& path) override;
  Result<> Opaque(const std::string& path) override;
  Result<LayerUsage> Finish() override;

 private:
  Result<> EndEntry();

  ByteSink& out_;
  uint64_t left_ = 0;     // of the current file
  uint64_t padding_ = 0;  // after it
  LayerUsage usage_;
};

}  // namespace onggi
