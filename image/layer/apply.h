// ApplyLayer: one layer, as it travels, into a LayerSink, in one pass.
//
//   compressed bytes -> inflate -> ring of blocks -> tar entries -> sink
//                                       \-> SHA-256 of the uncompressed stream (the diff id)
//
// Two threads: one of its own reads COMPRESSED and inflates; the caller's parses and writes.
// Whoever of them would wait hashes instead. Memory is the ring (2 MiB) and the window of the
// format, whatever the layer.
//
// Whiteouts (".wh.NAME", ".wh..wh..opq") become Whiteout() and Opaque() of the sink; a name with
// ".." in it, a NUL or an empty component list is refused here, links and symbolic parents by the
// sink. "/etc" and "etc" are the same file of the layer: builders that are in wide use write the
// first.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "image/content/byte_source.h"
#include "image/digest.h"
#include "image/layer/decompress.h"
#include "image/layer/tar_reader.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

struct ApplyOptions {
  std::string media_type;  // empty: told by the bytes alone
  DecompressLimits limits;
  TarLimits tar_limits;
  Digest diff_id;  // when set, any other outcome is DataLoss
  CancelToken cancel;
};

struct ApplyResult {
  Digest diff_id;
  LayerUsage usage;
  uint64_t compressed_bytes = 0;
  uint64_t uncompressed_bytes = 0;
  uint64_t entries = 0;
};

// Blocks until the layer is done; the sink is finished then, and COMPRESSED was read to its end
// (so that a TeeSource below it holds the whole blob). COMPRESSED.Read() is called from another
// thread, never after this returns. Errors: of COMPRESSED and the sink as they are; DataLoss for
// damaged bytes; InvalidArgument for what a layer must not hold. After an error the sink is to be
// dropped.
Result<ApplyResult> ApplyLayer(ByteSource& compressed, LayerSink& sink,
                               const ApplyOptions& options = {});

}  // namespace onggi
