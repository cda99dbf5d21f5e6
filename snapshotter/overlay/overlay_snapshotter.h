// OverlaySnapshotter: each layer is a directory that overlayfs can stack as it is.
//
//   root/N/fs      the layer's files (for an active snapshot: the upper directory)
//   root/N/work    overlayfs's scratch space, for active snapshots only
//   root/trash-N   being deleted; a thread of ours empties it
//
// Contract, errors and thread-safety: snapshotter.h.
#pragma once

#include <memory>
#include <string>

#include "base/thread_pool.h"
#include "snapshotter/metadata.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

class OverlaySnapshotter : public Snapshotter {
 public:
  // ROOT is made when it is missing; what no record names is swept.
  static Result<std::unique_ptr<OverlaySnapshotter>> Open(const std::string& root,
                                                          Database& database);

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

 private:
  OverlaySnapshotter(std::string root, SnapshotTable table)
      : root_(std::move(root)), table_(std::move(table)) {}
  Result<RootfsMount> Make(const std::string& key, const std::string& parent,
                           SnapshotInfo::Kind kind);
  // The fs directories from NAME down to the lowest layer. NotFound names what is missing.
  Result<std::vector<std::string>> Stack(std::string name);
  Result<RootfsMount> MountOf(const SnapshotRow& row);
  Result<SnapshotRow> Need(const std::string& name);
  void Discard(const std::string& directory);

  std::string root_;
  SnapshotTable table_;
  ThreadPool trash_{1};  // last: its tasks use root_
};

}  // namespace onggi
