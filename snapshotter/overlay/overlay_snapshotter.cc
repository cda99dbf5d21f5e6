#include "snapshotter/overlay/overlay_snapshotter.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/file_io.h"
#include "base/id.h"
#include "base/strings.h"
#include "snapshotter/directory_sink.h"
#include "snapshotter/tree_usage.h"

namespace onggi {
namespace {

// A directory that is filled by a DirectorySink and given a name later.
class DirectoryDraft : public LayerDraft {
 public:
  DirectoryDraft(std::string path, UniqueFd fd) : path_(std::move(path)), sink_(std::move(fd)) {}
  ~DirectoryDraft() override {
    if (!path_.empty()) (void)RemoveTree(path_);  // Sweep takes what is left
  }
  LayerSink& sink() override { return sink_; }
  const std::string& path() const { return path_; }
  std::string Release() { return std::exchange(path_, {}); }
  DirectorySink& directory_sink() { return sink_; }

 private:
  std::string path_;  // of the directory that holds fs
  DirectorySink sink_;
};

}  // namespace

Result<std::unique_ptr<OverlaySnapshotter>> OverlaySnapshotter::Open(const std::string& root,
                                                                     Database& database) {
  TRY(MakeDirs(root, 0700));
  TRY_ASSIGN(SnapshotTable table, SnapshotTable::Open(database, "overlay"));
  std::unique_ptr<OverlaySnapshotter> snapshotter(new OverlaySnapshotter(root, std::move(table)));
  TRY(snapshotter->Sweep());
  return snapshotter;
}

Result<std::unique_ptr<LayerDraft>> OverlaySnapshotter::BeginLayer() {
  std::string path = root_ + "/" + RandomHex(8);
  if (mkdir(path.c_str(), 0700) != 0) return SysError("mkdir(" + path + ")");
  std::string files = path + "/fs";
  if (mkdir(files.c_str(), 0755) != 0) return SysError("mkdir(" + files + ")");
  TRY_ASSIGN(UniqueFd fd, onggi::Open(files, O_RDONLY | O_DIRECTORY));
  return std::unique_ptr<LayerDraft>(std::make_unique<DirectoryDraft>(path, std::move(fd)));
}

Result<> OverlaySnapshotter::Commit(std::unique_ptr<LayerDraft> draft, const std::string& chain_id,
                                    const std::string& parent) {
  auto* directory = dynamic_cast<DirectoryDraft*>(draft.get());
  CHECK(directory != nullptr);
  if (!parent.empty()) TRY(Need(parent));
  TRY_ASSIGN(LayerUsage usage, directory->directory_sink().Finish());
  SnapshotRow row;
  row.info.kind = SnapshotInfo::Kind::kCommitted;
  row.info.name = chain_id;
  row.info.parent = parent;
  row.info.usage = usage;
  row.directory = directory->path().substr(root_.size() + 1);
  TRY(table_.Insert(row));
  (void)directory->Release();  // the record owns it now
  return Ok();
}

Result<SnapshotRow> OverlaySnapshotter::Need(const std::string& name) {
  TRY_ASSIGN(std::optional<SnapshotRow> row, table_.Find(name));
  if (!row) return NotFound("no snapshot " + name);
  return std::move(*row);
}

Result<std::vector<std::string>> OverlaySnapshotter::Stack(std::string name) {
  std::vector<std::string> stack;
  while (!name.empty()) {
    TRY_ASSIGN(SnapshotRow row, Need(name));
    stack.push_back(root_ + "/" + row.directory + "/fs");
    name = row.info.parent;
  }
  return stack;
}

Result<RootfsMount> OverlaySnapshotter::MountOf(const SnapshotRow& row) {
  RootfsMount mount;
  TRY_ASSIGN(mount.lower, Stack(row.info.parent));
  if (row.info.kind == SnapshotInfo::Kind::kView) {
    mount.read_only = true;
    return mount;
  }
  mount.upper = root_ + "/" + row.directory + "/fs";
  mount.work = root_ + "/" + row.directory + "/work";
  return mount;
}

Result<RootfsMount> OverlaySnapshotter::Make(const std::string& key, const std::string& parent,
                                             SnapshotInfo::Kind kind) {
  SnapshotRow row;
  row.info.kind = kind;
  row.info.name = key;
  row.info.parent = parent;
  row.directory = RandomHex(8);
  TRY_ASSIGN(RootfsMount mount, MountOf(row));
  std::string path = root_ + "/" + row.directory;
  if (mkdir(path.c_str(), 0700) != 0) return SysError("mkdir(" + path + ")");
  if (kind == SnapshotInfo::Kind::kActive) {
    // The merged root's owner and mode are the upper directory's: they follow the layer below.
    struct stat st {};
    st.st_mode = 0755;
    if (!mount.lower.empty() && stat(mount.lower.front().c_str(), &st) != 0)
      return SysError("stat(layer)");
    if (mkdir(mount.upper.c_str(), st.st_mode & 07777) != 0 ||
        mkdir(mount.work.c_str(), 0700) != 0) {
      return SysError("mkdir(" + path + ")");
    }
    if ((st.st_mode & 0022) != 0 && chmod(mount.upper.c_str(), st.st_mode & 07777) != 0)
      return SysError("chmod");
    if ((st.st_uid != 0 || st.st_gid != 0) &&
        chown(mount.upper.c_str(), st.st_uid, st.st_gid) != 0) {
      return SysError("chown");
    }
  }
  auto inserted = table_.Insert(row);
  if (!inserted) {
    (void)RemoveTree(path);  // the first error is the one to tell
    return std::move(inserted).error();
  }
  return mount;
}

Result<RootfsMount> OverlaySnapshotter::Prepare(const std::string& key, const std::string& parent) {
  return Make(key, parent, SnapshotInfo::Kind::kActive);
}

Result<RootfsMount> OverlaySnapshotter::View(const std::string& key, const std::string& parent) {
  return Make(key, parent, SnapshotInfo::Kind::kView);
}

Result<RootfsMount> OverlaySnapshotter::Mounts(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, Need(key));
  return MountOf(row);
}

Result<> OverlaySnapshotter::CommitActive(const std::string& key, const std::string& chain_id) {
  TRY_ASSIGN(SnapshotRow row, Need(key));
  if (row.info.kind != SnapshotInfo::Kind::kActive)
    return FailedPrecondition("snapshot " + key + " is not active");
  TRY_ASSIGN(LayerUsage usage, MeasureTree(root_ + "/" + row.directory + "/fs"));
  return table_.Rename(key, chain_id, usage);
}

Result<std::string> OverlaySnapshotter::ChangesOf(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, Need(key));
  return root_ + "/" + row.directory + "/fs";
}

Result<std::optional<SnapshotInfo>> OverlaySnapshotter::Stat(const std::string& name) {
  TRY_ASSIGN(std::optional<SnapshotRow> row, table_.Find(name));
  if (!row) return std::optional<SnapshotInfo>();
  return std::optional<SnapshotInfo>(std::move(row->info));
}

Result<std::vector<SnapshotInfo>> OverlaySnapshotter::List() {
  TRY_ASSIGN(std::vector<SnapshotRow> rows, table_.List());
  std::vector<SnapshotInfo> out;
  out.reserve(rows.size());
  for (SnapshotRow& row : rows) out.push_back(std::move(row.info));
  return out;
}

Result<LayerUsage> OverlaySnapshotter::UsageOf(const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, Need(key));
  return MeasureTree(root_ + "/" + row.directory + "/fs");
}

Result<> OverlaySnapshotter::Remove(const std::string& name) {
  TRY_ASSIGN(std::optional<SnapshotRow> row, table_.Find(name));
  if (!row) return Ok();
  TRY(table_.Delete(name));
  Discard(row->directory);
  return Ok();
}

void OverlaySnapshotter::Discard(const std::string& directory) {
  std::string path = root_ + "/" + directory;
  std::string trash = root_ + "/trash-" + directory;
  // The record is gone: what can't be renamed or deleted now, Sweep takes at the next start.
  if (rename(path.c_str(), trash.c_str()) != 0) return;
  trash_.Submit([trash] { (void)RemoveTree(trash); });
}

Result<size_t> OverlaySnapshotter::Sweep() {
  TRY_ASSIGN(std::vector<SnapshotRow> rows, table_.List());
  std::set<std::string> known;
  for (const SnapshotRow& row : rows) known.insert(row.directory);
  size_t swept = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root_, error)) {
    std::string name = entry.path().filename().string();
    if (known.count(name) > 0) continue;
    std::string path = entry.path().string();
    trash_.Submit([path] { (void)RemoveTree(path); });
    ++swept;
  }
  return swept;
}

}  // namespace onggi
