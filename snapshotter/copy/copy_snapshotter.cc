#include "snapshotter/copy/copy_snapshotter.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file_io.h"
#include "snapshotter/copy/copy_tree.h"
#include "snapshotter/copy/diff_tree.h"
#include "snapshotter/directory_draft.h"
#include "snapshotter/inode_attributes.h"
#include "snapshotter/overlay/upper_directory.h"
#include "snapshotter/tree_usage.h"

namespace onggi {
namespace {

Result<UniqueFd> MakeAndOpen(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0) return SysError("mkdir(" + path + ")");
  TRY_ASSIGN(UniqueFd fd, Open(path, O_RDONLY | O_DIRECTORY));
  TRY(SetOwnerAndMode(fd.get(), 0, 0, 0755));
  return fd;
}

RootfsMount BindOf(const std::string& path, SnapshotInfo::Kind kind) {
  RootfsMount mount;
  mount.kind = RootfsMount::Kind::kBind;
  mount.source = path + "/fs";
  mount.read_only = kind == SnapshotInfo::Kind::kView;
  return mount;
}

}  // namespace

Result<std::unique_ptr<LayerDraft>> CopySnapshotter::BeginLayer() {
  return DirectoryDraft::Begin(*layers_);
}

Result<> CopySnapshotter::Commit(std::unique_ptr<LayerDraft> draft, const std::string& chain_id,
                                 const std::string& parent) {
  return DirectoryDraft::Commit(*layers_, std::move(draft), chain_id, parent);
}

Result<> CopySnapshotter::Compose(const std::string& parent, const std::string& path) {
  TRY_ASSIGN(std::vector<std::string> stack, FilesOfStack(*layers_, parent));
  TRY_ASSIGN(UniqueFd target, MakeAndOpen(path));
  for (auto files = stack.rbegin(); files != stack.rend(); ++files) {
    TRY_ASSIGN(UniqueFd layer, Open(*files, O_RDONLY | O_DIRECTORY));
    TRY(TreeCopier(target.get()).Merge(layer.get(), target.get(), "").Wrap("copy layer"));
    TRY(CopyDirectoryAttributes(layer.get(), target.get()));
  }
  return Ok();
}

Result<RootfsMount> CopySnapshotter::Make(const std::string& key, const std::string& parent,
                                          SnapshotInfo::Kind kind) {
  SnapshotRow row;
  row.info.kind = kind;
  row.info.name = key;
  row.info.parent = parent;
  // Asked before the work; the record asks again.
  TRY_ASSIGN(std::optional<SnapshotRow> taken, layers_->table().Find(key));
  if (taken) return AlreadyExists("snapshot " + key + " exists");
  TRY_ASSIGN(LayerStore::Claim claim, layers_->MakeDirectory());
  std::string path = claim.path();
  TRY(Compose(parent, path + "/fs"));
  TRY(Open(path + "/prepared", O_WRONLY | O_CREAT | O_EXCL, 0600));
  TRY(layers_->Record(std::move(claim), std::move(row)));
  return BindOf(path, kind);
}

Result<RootfsMount> CopySnapshotter::Prepare(const std::string& key, const std::string& parent) {
  return Make(key, parent, SnapshotInfo::Kind::kActive);
}

Result<RootfsMount> CopySnapshotter::View(const std::string& key, const std::string& parent) {
  return Make(key, parent, SnapshotInfo::Kind::kView);
}

Result<RootfsMount> CopySnapshotter::Mounts(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, NeedKey(layers_->table(), key));
  return BindOf(layers_->PathOf(row), row.info.kind);
}

Result<> CopySnapshotter::WriteChanges(const SnapshotRow& row, const std::string& path) {
  struct stat prepared {};
  std::string mark = layers_->PathOf(row) + "/prepared";
  if (stat(mark.c_str(), &prepared) != 0) return SysError("stat(" + mark + ")");
  TRY_ASSIGN(LayerStore::Claim scratch, layers_->MakeDirectory());
  std::string base = scratch.path() + "/fs";
  TRY(Compose(row.info.parent, base));
  TRY_ASSIGN(UniqueFd before, Open(base, O_RDONLY | O_DIRECTORY));
  TRY_ASSIGN(UniqueFd after, Open(FilesOf(*layers_, row), O_RDONLY | O_DIRECTORY));
  TRY_ASSIGN(UniqueFd out, MakeAndOpen(path));
  return DiffTrees({before.get(), after.get(), prepared.st_ctim}, out.get());
}

Result<> CopySnapshotter::CommitActive(const std::string& key, const std::string& chain_id) {
  TRY_ASSIGN(SnapshotRow row, NeedActive(layers_->table(), key));
  TRY_ASSIGN(LayerStore::Claim claim, layers_->MakeDirectory());
  std::string files = claim.path() + "/fs";
  TRY(WriteChanges(row, files));
  TRY_ASSIGN(LayerUsage usage, MeasureTree(files));
  return layers_->Replace(std::move(claim), key, chain_id, usage);
}

Result<std::string> CopySnapshotter::ChangesOf(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, NeedActive(layers_->table(), key));
  std::string changes = layers_->PathOf(row) + "/changes";
  TRY(RemoveTree(changes));
  TRY(WriteChanges(row, changes));
  return changes;
}

Result<std::optional<SnapshotInfo>> CopySnapshotter::Stat(const std::string& name) {
  return layers_->Stat(name);
}

Result<std::vector<SnapshotInfo>> CopySnapshotter::List() {
  return layers_->List();
}

Result<LayerUsage> CopySnapshotter::UsageOf(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, layers_->table().Need(key));
  if (row.info.kind == SnapshotInfo::Kind::kCommitted) return row.info.usage;
  return MeasureTree(FilesOf(*layers_, row));
}

Result<> CopySnapshotter::Remove(const std::string& name) {
  return layers_->Remove(name);
}

Result<size_t> CopySnapshotter::Sweep() {
  return layers_->Sweep();
}

Result<> CopySnapshotter::MakeDurable(const std::vector<std::string>& chain_ids) {
  return layers_->MakeDurable(chain_ids);
}

std::vector<std::string> CopySnapshotter::TakeDropped() {
  return layers_->TakeDropped();
}

}  // namespace onggi
