// SnapshotTable: names, parents and directories of snapshots in the store; shared by all
// snapshotters, told apart by their kind. A row is visible only after its files are complete.
//
// Thread-safety: any thread. Every change is one transaction of the store.
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
  bool durable = false;   // its files are known to be on the disk
};

class SnapshotTable {
 public:
  // KIND separates the snapshotters that share one database.
  static Result<SnapshotTable> Open(Database& database, std::string kind);

  Result<std::optional<SnapshotRow>> Find(const std::string& name);
  // NotFound when there is none.
  Result<SnapshotRow> Need(const std::string& name);
  // The committed snapshot NAME and all below it, top first; empty for "". NotFound when NAME is no
  // committed snapshot.
  Result<std::vector<SnapshotRow>> Stack(const std::string& name);
  Result<std::vector<SnapshotRow>> List();

  // NotFound when the parent is no committed snapshot, AlreadyExists when the name is taken.
  Result<> Insert(const SnapshotRow& row);
  // The active snapshot KEY becomes the committed NAME, with its files in DIRECTORY ("": where they
  // are). NotFound, FailedPrecondition when KEY is not active, AlreadyExists when NAME is taken.
  Result<> Rename(const std::string& key, const std::string& name, const LayerUsage& usage,
                  const std::string& directory = "");
  // The row that went; none when there was none. FailedPrecondition when another snapshot stands on
  // it.
  Result<std::optional<SnapshotRow>> Delete(const std::string& name);

  Result<> MarkDurable(const std::vector<std::string>& names);
  // After an unclean boot: drops every committed snapshot that is not durable, and all that stand
  // on one. BOOT_ID is remembered; a call with the same one drops nothing.
  Result<std::vector<SnapshotRow>> DropUndurable(const std::string& boot_id);

 private:
  SnapshotTable(Database& database, std::string kind)
      : database_(&database), kind_(std::move(kind)) {}
  Result<std::vector<SnapshotRow>> Rows(std::string_view sql,
                                        std::initializer_list<SqlValue> values);

  Database* database_;
  std::string kind_;
};

}  // namespace onggi
