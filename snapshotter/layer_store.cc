#include "snapshotter/layer_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "base/file_io.h"
#include "base/id.h"
#include "base/strings.h"
#include "snapshotter/directory_reader.h"

namespace onggi {
namespace {

constexpr std::string_view kTrash = "trash-";

Result<std::string> BootId() {
  TRY_ASSIGN(std::string text, ReadFile("/proc/sys/kernel/random/boot_id", 128));
  return std::string(Trim(text));
}

}  // namespace

Result<std::unique_ptr<LayerStore>> LayerStore::Open(const LayerStoreOptions& options,
                                                     Database& database) {
  TRY(MakeDirs(options.root, 0700));
  TRY_ASSIGN(SnapshotTable table, SnapshotTable::Open(database, options.kind));
  std::string boot_id = options.boot_id;
  if (boot_id.empty()) {
    TRY_ASSIGN(boot_id, BootId());
  }
  TRY_ASSIGN(std::vector<SnapshotRow> dropped, table.DropUndurable(boot_id));
  std::unique_ptr<LayerStore> store(new LayerStore(options.root, std::move(table)));
  {
    MutexLock lock(store->mutex_);
    for (SnapshotRow& row : dropped) store->dropped_.push_back(std::move(row.info.name));
  }
  TRY(store->Sweep());
  return store;
}

LayerStore::Claim::~Claim() {
  if (directory_.empty()) return;
  store_->Discard(directory_);
  store_->Unclaim(directory_);
}

Result<LayerStore::Claim> LayerStore::MakeDirectory() {
  std::string name = RandomHex(8);
  {
    MutexLock lock(mutex_);
    claimed_.insert(name);
  }
  std::string path = root_ + "/" + name;
  if (mkdir(path.c_str(), 0700) != 0) {
    Error error = SysError("mkdir(" + path + ")");
    Unclaim(name);
    return error;
  }
  return Claim(this, std::move(name));
}

void LayerStore::Unclaim(const std::string& directory) {
  MutexLock lock(mutex_);
  claimed_.erase(directory);
}

Result<> LayerStore::Record(Claim claim, SnapshotRow row) {
  row.directory = claim.directory();
  TRY(table_.Insert(row));
  Unclaim(std::exchange(claim.directory_, {}));
  return Ok();
}

Result<> LayerStore::Replace(Claim claim, const std::string& key, const std::string& name,
                             const LayerUsage& usage) {
  TRY_ASSIGN(SnapshotRow old, table_.Need(key));
  TRY(table_.Rename(key, name, usage, claim.directory()));
  Unclaim(std::exchange(claim.directory_, {}));
  Discard(old.directory);
  return Ok();
}

Result<> LayerStore::Remove(const std::string& name) {
  TRY_ASSIGN(std::optional<SnapshotRow> gone, table_.Delete(name));
  if (gone) Discard(gone->directory);
  return Ok();
}

void LayerStore::Discard(const std::string& directory) {
  std::string trash = root_ + "/" + std::string(kTrash) + directory;
  // No record names it any more: what can't be renamed or deleted now, Sweep takes at the next
  // start.
  if (rename((root_ + "/" + directory).c_str(), trash.c_str()) != 0) return;
  trash_.Submit([trash] { (void)RemoveTree(trash); });
}

Result<size_t> LayerStore::Sweep() {
  // The order matters: a directory that is claimed now may get its record while we look.
  std::set<std::string> known;
  {
    MutexLock lock(mutex_);
    known = claimed_;
  }
  std::vector<std::string> found;
  TRY_ASSIGN(UniqueFd root, onggi::Open(root_, O_RDONLY | O_DIRECTORY));
  TRY_ASSIGN(DirectoryReader reader, DirectoryReader::Open(std::move(root)));
  while (true) {
    TRY_ASSIGN(const char* name, reader.Next());
    if (name == nullptr) break;
    found.emplace_back(name);
  }
  {
    MutexLock lock(mutex_);
    known.insert(claimed_.begin(), claimed_.end());
  }
  TRY_ASSIGN(std::vector<SnapshotRow> rows, table_.List());
  for (const SnapshotRow& row : rows) known.insert(row.directory);
  size_t swept = 0;
  for (const std::string& name : found) {
    if (known.count(name) > 0) continue;
    if (name.compare(0, kTrash.size(), kTrash) != 0) {
      Discard(name);
    } else {
      trash_.Submit([path = root_ + "/" + name] { (void)RemoveTree(path); });
    }
    ++swept;
  }
  return swept;
}

Result<> LayerStore::MakeDurable(const std::vector<std::string>& names) {
  TRY_ASSIGN(UniqueFd root, onggi::Open(root_, O_RDONLY | O_DIRECTORY));
  if (syncfs(root.get()) != 0) return SysError("syncfs(" + root_ + ")");
  return table_.MarkDurable(names);
}

std::vector<std::string> LayerStore::TakeDropped() {
  MutexLock lock(mutex_);
  return std::exchange(dropped_, {});
}

Result<std::optional<SnapshotInfo>> LayerStore::Stat(const std::string& name) {
  TRY_ASSIGN(std::optional<SnapshotRow> row, table_.Find(name));
  if (!row) return std::optional<SnapshotInfo>();
  return std::optional<SnapshotInfo>(std::move(row->info));
}

Result<std::vector<SnapshotInfo>> LayerStore::List() {
  TRY_ASSIGN(std::vector<SnapshotRow> rows, table_.List());
  std::vector<SnapshotInfo> out;
  out.reserve(rows.size());
  for (SnapshotRow& row : rows) out.push_back(std::move(row.info));
  return out;
}

}  // namespace onggi
