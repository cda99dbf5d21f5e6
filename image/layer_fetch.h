// FetchLayer: one layer of an image into a draft, from the content store when its blob is there,
// else from the registry in one pass: network, digest, blob file, inflate, tar, files.
//
// Thread-safety: any thread. Ownership: everything in LayerFetch is borrowed. Blocks on network and
// disk.
#pragma once

#include <memory>

#include "base/cancel.h"
#include "base/result.h"
#include "image/content/content_store.h"
#include "image/manifest.h"
#include "image/pull_meter.h"
#include "image/registry/remote_repository.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

struct LayerFetch {
  ContentStore& content;
  Snapshotter& snapshotter;
  const RemoteRepository* remote = nullptr;  // null: the blob has to be in the content store
  PullMeter& meter;
  bool keep_blob = true;
};

// The draft is complete, its bytes were BLOB's and DIFF_ID's. DataLoss, with expected and got, when
// they are not: nothing is left of them then. After a broken connection the part that came stays
// in the content store for the next try.
Result<std::unique_ptr<LayerDraft>> FetchLayer(const LayerFetch& fetch, const Descriptor& blob,
                                               const Digest& diff_id, const CancelToken& cancel);

}  // namespace onggi
