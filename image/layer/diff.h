// DiffLayer: what a container changed, as an OCI layer in the content store.
//
// Reads a changes directory as Snapshotter::ChangesOf() gives it (an overlay upper directory) and
// writes a tar of it: names sorted bytewise, ids as numbers, hard links within the layer kept,
// xattrs but for overlay's own, whiteouts as ".wh." files. The same directory gives the same bytes.
//
// Thread-safety: any thread; the directory must be quiet meanwhile. Blocks on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "image/content/content_store.h"
#include "image/digest.h"
#include "image/layer/decompress.h"

namespace onggi {

struct DiffOptions {
  Compression compression = Compression::kGzip;
  // Later times become this one (SOURCE_DATE_EPOCH); seconds since 1970.
  std::optional<int64_t> clamp_mtime_s;
  CancelToken cancel;
};

struct DiffResult {
  Digest digest;  // of the blob, which is in the content store
  uint64_t size = 0;
  Digest diff_id;
  std::string media_type;  // "application/vnd.oci.image.layer.v1.tar+gzip", "...tar+zstd", "...tar"
  uint64_t uncompressed_bytes = 0;
};

Result<DiffResult> DiffLayer(const std::string& changes_directory, ContentStore& store,
                             const DiffOptions& options = {});

}  // namespace onggi
