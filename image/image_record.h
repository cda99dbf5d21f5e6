// ImageRecord: what the database keeps of one image. The config and manifest themselves are blobs
// of the content store.
//
// Thread-safety: plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/image.h"

namespace onggi {

struct LayerRecord {
  std::string digest;  // of the blob as it travels; it may be gone when blobs are not kept
  uint64_t size = 0;
  std::string media_type;
  std::string diff_id;
  std::string chain_id;  // the snapshot
};

struct ImageRecord {
  std::string id;
  std::string manifest_digest;
  std::string manifest_type;
  uint64_t size = 0;
  bool listed = true;   // false: removed, but a lease keeps its snapshots
  std::string boot_id;  // of the boot that wrote it, until it is on the disk for certain; then ""
  std::vector<LayerRecord> layers;  // lowest first

  std::string TopLayer() const { return layers.empty() ? "" : layers.back().chain_id; }
};

// A record together with its names and its parsed config.
struct StoredImage {
  ImageRecord record;
  Image image;
};

}  // namespace onggi
