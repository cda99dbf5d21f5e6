#include "snapshotter/overlay/overlay_snapshotter.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file_io.h"
#include "snapshotter/directory_draft.h"
#include "snapshotter/overlay/upper_directory.h"
#include "snapshotter/tree_usage.h"

namespace onggi {

Result<std::unique_ptr<LayerDraft>> OverlaySnapshotter::BeginLayer() {
  return DirectoryDraft::Begin(*layers_);
}

Result<> OverlaySnapshotter::Commit(std::unique_ptr<LayerDraft> draft, const std::string& chain_id,
                                    const std::string& parent) {
  return DirectoryDraft::Commit(*layers_, std::move(draft), chain_id, parent);
}

Result<RootfsMount> OverlaySnapshotter::Make(const std::string& key, const std::string& parent,
                                             SnapshotInfo::Kind kind) {
  SnapshotRow row;
  row.info.kind = kind;
  row.info.name = key;
  row.info.parent = parent;
  TRY_ASSIGN(std::vector<std::string> lower, FilesOfStack(*layers_, parent));
  TRY_ASSIGN(LayerStore::Claim claim, layers_->MakeDirectory());
  std::string path = claim.path();
  if (kind == SnapshotInfo::Kind::kActive || lower.empty()) {
    TRY(MakeUpperDirectory(path, lower.empty() ? "" : lower.front()));
  }
  TRY(layers_->Record(std::move(claim), std::move(row)));
  return OverlayMountOf(std::move(lower), path, kind);
}

Result<RootfsMount> OverlaySnapshotter::Prepare(const std::string& key, const std::string& parent) {
  return Make(key, parent, SnapshotInfo::Kind::kActive);
}

Result<RootfsMount> OverlaySnapshotter::View(const std::string& key, const std::string& parent) {
  return Make(key, parent, SnapshotInfo::Kind::kView);
}

Result<RootfsMount> OverlaySnapshotter::Mounts(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, NeedKey(layers_->table(), key));
  TRY_ASSIGN(std::vector<std::string> lower, FilesOfStack(*layers_, row.info.parent));
  return OverlayMountOf(std::move(lower), layers_->PathOf(row), row.info.kind);
}

Result<> OverlaySnapshotter::CommitActive(const std::string& key, const std::string& chain_id) {
  TRY_ASSIGN(SnapshotRow row, NeedActive(layers_->table(), key));
  TRY_ASSIGN(LayerUsage usage, MeasureTree(FilesOf(*layers_, row)));
  TRY(layers_->table().Rename(key, chain_id, usage));
  // Overlayfs's scratch space is nobody's any more; what can't go stays until the layer does.
  (void)RemoveTree(layers_->PathOf(row) + "/work");
  return Ok();
}

Result<std::string> OverlaySnapshotter::ChangesOf(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, NeedActive(layers_->table(), key));
  return FilesOf(*layers_, row);
}

Result<std::optional<SnapshotInfo>> OverlaySnapshotter::Stat(const std::string& name) {
  return layers_->Stat(name);
}

Result<std::vector<SnapshotInfo>> OverlaySnapshotter::List() {
  return layers_->List();
}

Result<LayerUsage> OverlaySnapshotter::UsageOf(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, layers_->table().Need(key));
  if (row.info.kind == SnapshotInfo::Kind::kCommitted) return row.info.usage;
  if (row.info.kind == SnapshotInfo::Kind::kView) return LayerUsage{};
  return MeasureTree(FilesOf(*layers_, row));
}

Result<> OverlaySnapshotter::Remove(const std::string& name) {
  return layers_->Remove(name);
}

Result<size_t> OverlaySnapshotter::Sweep() {
  return layers_->Sweep();
}

Result<> OverlaySnapshotter::MakeDurable(const std::vector<std::string>& chain_ids) {
  return layers_->MakeDurable(chain_ids);
}

std::vector<std::string> OverlaySnapshotter::TakeDropped() {
  return layers_->TakeDropped();
}

}  // namespace onggi
