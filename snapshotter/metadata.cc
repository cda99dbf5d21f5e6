#include "snapshotter/metadata.h"

#include "base/clock.h"

namespace onggi {
namespace {

const std::vector<Migration>& Migrations() {
  static const std::vector<Migration> kMigrations = {
      {1,
       "CREATE TABLE snapshots (kind TEXT NOT NULL, name TEXT NOT NULL, parent TEXT NOT NULL, "
       "type INTEGER NOT NULL, directory TEXT NOT NULL, bytes INTEGER NOT NULL, "
       "inodes INTEGER NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (kind, name)) "
       "WITHOUT ROWID;"
       "CREATE INDEX snapshots_parent ON snapshots (kind, parent);"},
      {2,
       "ALTER TABLE snapshots ADD COLUMN durable INTEGER NOT NULL DEFAULT 0;"
       "CREATE TABLE snapshot_boots (kind TEXT PRIMARY KEY, boot_id TEXT NOT NULL) WITHOUT ROWID;"},
  };
  return kMigrations;
}

constexpr int64_t kCommitted = static_cast<int64_t>(SnapshotInfo::Kind::kCommitted);
constexpr int64_t kActive = static_cast<int64_t>(SnapshotInfo::Kind::kActive);

SnapshotRow RowOf(const Row& row) {
  SnapshotRow out;
  out.info.name = row.Text(0);
  out.info.parent = row.Text(1);
  out.info.kind = static_cast<SnapshotInfo::Kind>(row.Int(2));
  out.directory = row.Text(3);
  out.info.usage.bytes = static_cast<uint64_t>(row.Int(4));
  out.info.usage.inodes = static_cast<uint64_t>(row.Int(5));
  out.info.created_at_ns = row.Int(6);
  out.durable = row.Int(7) != 0;
  return out;
}

#define SNAPSHOT_COLUMNS "name, parent, type, directory, bytes, inodes, created_at, durable"

}  // namespace

Result<SnapshotTable> SnapshotTable::Open(Database& database, std::string kind) {
  TRY(database.Migrate("snapshotter", Migrations()));
  return SnapshotTable(database, std::move(kind));
}

Result<std::vector<SnapshotRow>> SnapshotTable::Rows(std::string_view sql,
                                                     std::initializer_list<SqlValue> values) {
  std::vector<SnapshotRow> rows;
  TRY(database_->Query(sql, values, [&](const Row& row) {
    rows.push_back(RowOf(row));
    return Ok();
  }));
  return rows;
}

Result<std::optional<SnapshotRow>> SnapshotTable::Find(const std::string& name) {
  TRY_ASSIGN(std::vector<SnapshotRow> rows,
             Rows("SELECT " SNAPSHOT_COLUMNS " FROM snapshots WHERE kind = ? AND name = ?",
                  {kind_, name}));
  if (rows.empty()) return std::optional<SnapshotRow>();
  return std::optional<SnapshotRow>(std::move(rows.front()));
}

Result<SnapshotRow> SnapshotTable::Need(const std::string& name) {
  TRY_ASSIGN(std::optional<SnapshotRow> row, Find(name));
  if (!row) return NotFound("no snapshot " + name);
  return std::move(*row);
}

Result<std::vector<SnapshotRow>> SnapshotTable::Stack(const std::string& name) {
  if (name.empty()) return std::vector<SnapshotRow>();
  TRY_ASSIGN(std::vector<SnapshotRow> rows,
             Rows("WITH RECURSIVE up(depth, " SNAPSHOT_COLUMNS ") AS ("
                  "SELECT 0, " SNAPSHOT_COLUMNS " FROM snapshots WHERE kind = ?1 AND name = ?2 "
                  "UNION ALL SELECT up.depth + 1, s.name, s.parent, s.type, s.directory, s.bytes, "
                  "s.inodes, s.created_at, s.durable FROM up JOIN snapshots s "
                  "ON s.kind = ?1 AND s.name = up.parent) "
                  "SELECT " SNAPSHOT_COLUMNS " FROM up ORDER BY depth",
                  {kind_, name}));
  if (rows.empty()) return NotFound("no snapshot " + name);
  if (rows.front().info.kind != SnapshotInfo::Kind::kCommitted) {
    return NotFound("snapshot " + name + " is not committed");
  }
  if (!rows.back().info.parent.empty()) {
    return Error(Code::kDataLoss, "snapshot " + rows.back().info.parent + " below " + name +
                                      " is missing: remove the image and pull it again");
  }
  return rows;
}

Result<std::vector<SnapshotRow>> SnapshotTable::List() {
  return Rows("SELECT " SNAPSHOT_COLUMNS " FROM snapshots WHERE kind = ? ORDER BY name", {kind_});
}

Result<> SnapshotTable::Insert(const SnapshotRow& row) {
  // One statement, so one transaction: the parent can't go between the look and the insert.
  TRY_ASSIGN(
      int64_t changed,
      database_->Execute(
          "INSERT OR IGNORE INTO snapshots (kind, name, parent, type, directory, bytes, "
          "inodes, created_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE ?3 = '' OR EXISTS "
          "(SELECT 1 FROM snapshots WHERE kind = ?1 AND name = ?3 AND type = ?9)",
          {kind_, row.info.name, row.info.parent, static_cast<int64_t>(row.info.kind),
           row.directory, static_cast<int64_t>(row.info.usage.bytes),
           static_cast<int64_t>(row.info.usage.inodes), WallNanos(), kCommitted}));
  if (changed > 0) return Ok();
  TRY_ASSIGN(std::optional<SnapshotRow> taken, Find(row.info.name));
  if (taken) return AlreadyExists("snapshot " + row.info.name + " exists");
  return NotFound("no committed snapshot " + row.info.parent);
}

Result<> SnapshotTable::Rename(const std::string& key, const std::string& name,
                               const LayerUsage& usage, const std::string& directory) {
  return database_->InTransaction([&]() -> Result<> {
    TRY_ASSIGN(SnapshotRow row, Need(key));
    if (row.info.kind != SnapshotInfo::Kind::kActive) {
      return FailedPrecondition("snapshot " + key + " is not active");
    }
    TRY_ASSIGN(int64_t changed,
               database_->Execute(
                   "UPDATE OR IGNORE snapshots SET name = ?, type = ?, bytes = ?, inodes = ?, "
                   "directory = ?, durable = 0 WHERE kind = ? AND name = ? AND type = ?",
                   {name, kCommitted, static_cast<int64_t>(usage.bytes),
                    static_cast<int64_t>(usage.inodes),
                    directory.empty() ? row.directory : directory, kind_, key, kActive}));
    if (changed == 0) return AlreadyExists("snapshot " + name + " exists");
    return Ok();
  });
}

Result<std::optional<SnapshotRow>> SnapshotTable::Delete(const std::string& name) {
  std::optional<SnapshotRow> gone;
  TRY(database_->InTransaction([&]() -> Result<> {
    TRY_ASSIGN(
        std::vector<SnapshotRow> children,
        Rows("SELECT " SNAPSHOT_COLUMNS " FROM snapshots WHERE kind = ? AND parent = ? LIMIT 1",
             {kind_, name}));
    if (!children.empty() && !name.empty()) {
      return FailedPrecondition("snapshot " + children.front().info.name + " stands on " + name);
    }
    TRY_ASSIGN(gone, Find(name));
    TRY(database_->Execute("DELETE FROM snapshots WHERE kind = ? AND name = ?", {kind_, name}));
    return Ok();
  }));
  return gone;
}

Result<> SnapshotTable::MarkDurable(const std::vector<std::string>& names) {
  TRY(database_->InTransaction([&]() -> Result<> {
    for (const std::string& name : names) {
      TRY(database_->Execute(
          "UPDATE snapshots SET durable = 1 WHERE kind = ? AND name = ? AND type = ?",
          {kind_, name, kCommitted}));
    }
    return Ok();
  }));
  return database_->Checkpoint();
}

Result<std::vector<SnapshotRow>> SnapshotTable::DropUndurable(const std::string& boot_id) {
  std::vector<SnapshotRow> dropped;
  TRY(database_->InTransaction([&]() -> Result<> {
    std::string last;
    TRY(database_->Query("SELECT boot_id FROM snapshot_boots WHERE kind = ?", {kind_},
                         [&](const Row& row) {
                           last = row.Text(0);
                           return Ok();
                         }));
    if (last == boot_id) return Ok();
    if (!last.empty()) {
      TRY_ASSIGN(dropped,
                 Rows("WITH RECURSIVE lost(name) AS ("
                      "SELECT name FROM snapshots WHERE kind = ?1 AND type = ?2 AND durable = 0 "
                      "UNION SELECT s.name FROM lost JOIN snapshots s "
                      "ON s.kind = ?1 AND s.parent = lost.name) "
                      "SELECT " SNAPSHOT_COLUMNS " FROM snapshots WHERE kind = ?1 AND name IN "
                      "(SELECT name FROM lost) ORDER BY name",
                      {kind_, kCommitted}));
    }
    for (const SnapshotRow& row : dropped) {
      TRY(database_->Execute("DELETE FROM snapshots WHERE kind = ? AND name = ?",
                             {kind_, row.info.name}));
    }
    TRY(database_->Execute("INSERT OR REPLACE INTO snapshot_boots (kind, boot_id) VALUES (?, ?)",
                           {kind_, boot_id}));
    return Ok();
  }));
  return dropped;
}

}  // namespace onggi
