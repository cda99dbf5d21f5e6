// CopySnapshotter: for file systems that overlayfs can't stand on. Layers are kept as the overlay
// snapshotter keeps them; a container gets its own full copy of them, laid over each other.
//
//   root/N/fs        the layer's files; for an active snapshot or view: the whole root
//   root/N/prepared  empty; its time says when the copy was complete
//   root/N/changes   what ChangesOf found last
//
// Preparing costs a copy (shared extents where the file system has reflinks). Contract, errors and
// thread-safety: snapshotter.h.
#pragma once

#include <memory>
#include <string>

#include "snapshotter/layer_store.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

class CopySnapshotter : public Snapshotter {
 public:
  explicit CopySnapshotter(std::unique_ptr<LayerStore> layers) : layers_(std::move(layers)) {}

  std::string_view name() const override { return "copy"; }
  Result<std::unique_ptr<LayerDraft>> BeginLayer() override;
  Result<> Commit(std::unique_ptr<LayerDraft> draft, const std::string& chain_id,
                  const std::string& parent) override;
  Result<RootfsMount> Prepare(const std::string& key, const std::string& parent) override;
  Result<RootfsMount> View(const std::string& key, const std::string& parent) override;
  Result<RootfsMount> Mounts(const std::string& key) override;
  Result<> CommitActive(const std::string& key, const std::string& chain_id) override;
  // Computed by comparing trees, at each call.
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
  // A new directory PATH with the layers of PARENT laid over each other.
  Result<> Compose(const std::string& parent, const std::string& path);
  // A new directory PATH with what the active snapshot ROW changed.
  Result<> WriteChanges(const SnapshotRow& row, const std::string& path);

  std::unique_ptr<LayerStore> layers_;
};

}  // namespace onggi
