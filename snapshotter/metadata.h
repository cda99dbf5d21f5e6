// SnapshotTable: names, parents and directories of snapshots in the store; shared by all
// snapshotters that keep directories. A row is visible only after its files are complete.
//
// Thread-safety: any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "snapshotter/snapshotter.h"
#include "store/database.h"

namespace onggi {

struct SnapshotRow {
  SnapshotInfo info;
  std::string directory;  // one component below the snapshotter's own directory
};

class SnapshotTable {
 public:
  // KIND separates the snapshotters that share one database.
  static Result<SnapshotTable> Open(Database& database, std::string kind);

  Result<std::optional<SnapshotRow>> Find(const std::string& name);
  // AlreadyExists when the name is taken.
  Result<> Insert(const SnapshotRow& row);
  // A key becomes a committed name.
  Result<> Rename(const std::string& key, const std::string& name, const LayerUsage& usage);
  // FailedPrecondition when another snapshot stands on it.
  Result<> Delete(const std::string& name);
  Result<std::vector<SnapshotRow>> List();

 private:
  SnapshotTable(Database& database, std::string kind)
      : database_(&database), kind_(std::move(kind)) {}
  Database* database_;
  std::string kind_;
};

}  // namespace onggi
