// Install: an image whose documents are known, made complete: its layers fetched and unpacked side
// by side, committed in chain order, recorded and named in one transaction.
//
// Thread-safety: any thread. Ownership: everything in InstallContext is borrowed. Blocks on network
// and disk.
#pragma once

#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "image/content/content_store.h"
#include "image/image_store.h"
#include "image/manifest.h"
#include "image/pull_meter.h"
#include "image/registry/remote_repository.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

struct InstallContext {
  ContentStore& content;
  Snapshotter& snapshotter;
  ImageStore& images;
  int max_parallel_layers = 4;
  bool keep_blobs = true;
};

struct InstallPlan {
  std::string manifest_bytes;
  Digest manifest_digest;
  Manifest manifest;
  std::string config_bytes;                  // of manifest.config.digest
  std::vector<std::string> names;            // normal forms
  const RemoteRepository* remote = nullptr;  // null: the blobs are in the content store
};

// The image id. On failure nothing is listed and no snapshot stays; bad bytes leave no blob.
Result<std::string> InstallImage(const InstallContext& context, const InstallPlan& plan,
                                 PullMeter& meter, const CancelToken& cancel);

}  // namespace onggi
