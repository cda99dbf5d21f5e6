// OverlaySnapshotter: each layer is a directory that overlayfs can stack as it is.
//
//   root/N/fs      the layer's files (for an active snapshot: the upper directory)
//   root/N/work    overlayfs's scratch space, for active snapshots only
//
// The rest of the directory is LayerStore's. Contract, errors and thread-safety: snapshotter.h.
#pragma once

#include <memory>
#include <string>

#include "snapshotter/layer_store.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

class OverlaySnapshotter : public Snapshotter {
 public:
  explicit OverlaySnapshotter(std::unique_ptr<LayerStore> layers) : layers_(std::move(layers)) {}

  std::string_view name() const override { return "overlay"; }
  Result<std::unique_ptr<LayerDraft>> BeginLayer() override;
  Result<> Commit(std::unique_ptr<LayerDraft> draft, const std::string& chain_id,
                  const std::string& parent) override;
  Result<RootfsMount> Prepare(const std::string& key, const std::string& parent) override;
  Result<RootfsMount> View(const std::string& key, const std::string& parent) override;
  Result<RootfsMount> Mounts(const std::string& key) override;
  Result<> CommitActive(const std::string& key, const std::string& chain_id) override;
  Result<std::string> ChangesOf(const std::string& key) override;
  Result<std::optional<SnapshotInfo>> Stat(const std::string& name) override;
  Result<std::vector<SnapshotInfo>> List() override;
  Result<LayerUsage> UsageOf(const std::string& key) override;
  Result<> Remove(const std::string& name) override;
  Result<size_t> Sweep() override;
  Result<> MakeDurable(const std::vector<std::string>& chain_ids) override;
  std::vector<std::string> TakeDropped() override;

 private:
  Result<RootfsMount> Make(const std::string& key, const std::string& parent,
                           SnapshotInfo::Kind kind);

  std::unique_ptr<LayerStore> layers_;
};

// Whether overlayfs works with an upper directory below ROOT (some file systems can't hold one).
// FailedPrecondition says why not. Mounts nothing that anybody sees.
Result<> CheckOverlayWorks(const std::string& root);

}  // namespace onggi
