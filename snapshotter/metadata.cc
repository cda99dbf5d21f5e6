#include "snapshotter/metadata.h"

#include "base/clock.h"

namespace onggi {
namespace {

const std::vector<Migration>& Migrations() {
  static const std::vector<Migration> kMigrations = {
      {1,
       "CREATE TABLE snapshots (kind TEXT NOT NULL, name TEXT NOT NULL, parent TEXT NOT NULL, "
       "type INTEGER NOT NULL, directory TEXT NOT NULL, bytes INTEGER NOT NULL, inodes INTEGER NOT "
       "NULL, "
       "created_at INTEGER NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;"
       "CREATE INDEX snapshots_parent ON snapshots (kind, parent);"},
  };
  return kMigrations;
}

SnapshotRow RowOf(const Row& row) {
  SnapshotRow out;
  out.info.name = row.Text(0);
  out.info.parent = row.Text(1);
  out.info.kind = static_cast<SnapshotInfo::Kind>(row.Int(2));
  out.directory = row.Text(3);
  out.info.usage.bytes = static_cast<uint64_t>(row.Int(4));
  out.info.usage.inodes = static_cast<uint64_t>(row.Int(5));
  out.info.created_at_ns = row.Int(6);
  return out;
}

}  // namespace

Result<SnapshotTable> SnapshotTable::Open(Database& database, std::string kind) {
  TRY(database.Migrate("snapshotter", Migrations()));
  return SnapshotTable(database, std::move(kind));
}

Result<std::optional<SnapshotRow>> SnapshotTable::Find(const std::string& name) {
  std::optional<SnapshotRow> found;
  TRY(
      database_->Query("SELECT name, parent, type, directory, bytes, inodes, created_at FROM "
                       "snapshots WHERE kind = ? AND name = ?",
                       {kind_, name}, [&](const Row& row) -> Result<> {
                         found = RowOf(row);
                         return Ok();
                       }));
  return found;
}

Result<> SnapshotTable::Insert(const SnapshotRow& row) {
  TRY_ASSIGN(
      int64_t changed,
      database_->Execute(
          "INSERT OR IGNORE INTO snapshots (kind, name, parent, type, directory, bytes, inodes, "
          "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          {kind_, row.info.name, row.info.parent, static_cast<int64_t>(row.info.kind),
           row.directory, static_cast<int64_t>(row.info.usage.bytes),
           static_cast<int64_t>(row.info.usage.inodes), WallNanos()}));
  if (changed == 0) return AlreadyExists("snapshot " + row.info.name + " exists");
  return Ok();
}

Result<> SnapshotTable::Rename(const std::string& key, const std::string& name,
                               const LayerUsage& usage) {
  TRY_ASSIGN(
      int64_t changed,
      database_->Execute(
          "UPDATE OR IGNORE snapshots SET name = ?, type = ?, bytes = ?, inodes = ? "
          "WHERE kind = ? AND name = ?",
          {name, static_cast<int64_t>(SnapshotInfo::Kind::kCommitted),
           static_cast<int64_t>(usage.bytes), static_cast<int64_t>(usage.inodes), kind_, key}));
  if (changed == 0) return AlreadyExists("snapshot " + name + " exists");
  return Ok();
}

Result<> SnapshotTable::Delete(const std::string& name) {
  return database_->InTransaction([&]() -> Result<> {
    std::string child;
    TRY(database_->Query("SELECT name FROM snapshots WHERE kind = ? AND parent = ? LIMIT 1",
                         {kind_, name}, [&](const Row& row) -> Result<> {
                           child = row.Text(0);
                           return Ok();
                         }));
    if (!child.empty()) return FailedPrecondition("snapshot " + child + " stands on " + name);
    TRY(database_->Execute("DELETE FROM snapshots WHERE kind = ? AND name = ?", {kind_, name}));
    return Ok();
  });
}

Result<std::vector<SnapshotRow>> SnapshotTable::List() {
  std::vector<SnapshotRow> rows;
  TRY(
      database_->Query("SELECT name, parent, type, directory, bytes, inodes, created_at FROM "
                       "snapshots WHERE kind = ?",
                       {kind_}, [&](const Row& row) -> Result<> {
                         rows.push_back(RowOf(row));
                         return Ok();
                       }));
  return rows;
}

}  // namespace onggi
