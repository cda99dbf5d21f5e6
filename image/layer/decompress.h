// Decompression of layers and archives: gzip (ISA-L), zstd, or none, as a ByteSource over a
// ByteSource.
//
// The format is told by its first bytes, as every engine does, because media types lie about
// "gzip"; the media type only says whether the layer is one that can be read at all. eStargz is
// gzip and zstd:chunked is zstd: their indexes are ordinary members and skippable frames, and are
// passed over.
//
// Thread-safety: one thread at a time. Damaged or truncated input is DataLoss; beyond a limit,
// InvalidArgument (trying again does not help).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "image/content/byte_source.h"

namespace onggi {

enum class Compression { kNone, kGzip, kZstd };

// "none", "gzip", "zstd".
std::string_view CompressionName(Compression compression);

// What the layer media type announces. InvalidArgument naming the type when it is no layer type
// that we read: foreign (non-distributable), encrypted, unknown.
Result<Compression> LayerCompression(std::string_view media_type);

// By magic number; kNone for anything unknown, and for fewer than 4 bytes.
Compression DetectCompression(std::string_view first_bytes);

// Against bombs. The output may reach ratio times the input, and always free_bytes.
struct DecompressLimits {
  uint64_t max_bytes = uint64_t{1} << 40;
  uint64_t max_ratio = 200;
  uint64_t free_bytes = uint64_t{4} << 30;
  int zstd_window_log = 27;  // 128 MiB: what zstd itself decodes unless told otherwise
};

class DecompressSource : public ByteSource {
 public:
  // Compressed bytes taken from upstream so far. At the end upstream was read to its end.
  virtual uint64_t bytes_in() const = 0;
  virtual uint64_t bytes_out() const = 0;
};

// Reads the first bytes of UPSTREAM (which must outlive it) and chooses.
Result<std::unique_ptr<DecompressSource>> Decompress(ByteSource& upstream,
                                                     const DecompressLimits& limits = {});

}  // namespace onggi
