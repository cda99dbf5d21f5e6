// DirectoryDraft: a layer being unpacked into a directory in overlayfs's form (root/N/fs); what the
// overlay and the copy snapshotter share.
//
// Thread-safety: one thread a draft. Ownership: a draft must die before the LayerStore it came
// from.
#pragma once

#include <memory>
#include <string>

#include "snapshotter/directory_sink.h"
#include "snapshotter/layer_store.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

class DirectoryDraft : public LayerDraft {
 public:
  static Result<std::unique_ptr<LayerDraft>> Begin(LayerStore& store);
  // As Snapshotter::Commit. Directories that the layer only implies take over the attributes of the
  // layers below.
  static Result<> Commit(LayerStore& store, std::unique_ptr<LayerDraft> draft,
                         const std::string& chain_id, const std::string& parent);

  LayerSink& sink() override { return sink_; }

 private:
  DirectoryDraft(LayerStore::Claim claim, UniqueFd files)
      : claim_(std::move(claim)), sink_(std::move(files)) {}

  LayerStore::Claim claim_;
  DirectorySink sink_;
};

// "<path of ROW>/fs".
std::string FilesOf(const LayerStore& store, const SnapshotRow& row);

// The fs directories of the committed snapshot NAME and all below it, top first.
Result<std::vector<std::string>> FilesOfStack(LayerStore& store, const std::string& name);

// Owner, mode, times and xattrs of the directory FROM, set on TO (both may be O_PATH).
Result<> CopyDirectoryAttributes(int from, int to);

}  // namespace onggi
