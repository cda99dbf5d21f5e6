// LayerStore: the directories and records of a snapshotter's layers; what overlay, copy and erofs
// have in common.
//
//   root/N/...      one snapshot's or draft's files; N is 16 hex digits
//   root/trash-N    being deleted by a thread of ours
//
// A directory belongs to a draft or a call in progress (a Claim), or to a record of the store; what
// belongs to neither is left over from a crash, and Sweep takes it.
//
// Thread-safety: any thread. Ownership: the database is borrowed.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/thread_pool.h"
#include "snapshotter/metadata.h"

namespace onggi {

struct LayerStoreOptions {
  std::string root;  // made when it is missing
  std::string kind;
  // Of this boot; "" reads /proc/sys/kernel/random/boot_id. Tests play a reboot with it.
  std::string boot_id;
};

class LayerStore {
 public:
  // Drops what an unclean boot may have damaged, and sweeps.
  static Result<std::unique_ptr<LayerStore>> Open(const LayerStoreOptions& options,
                                                  Database& database);

  // A fresh directory root/N that Sweep leaves alone. Thrown away with all it holds when the Claim
  // dies, unless a record took it over.
  class Claim {
   public:
    Claim(LayerStore* store, std::string directory)
        : store_(store), directory_(std::move(directory)) {}
    Claim(Claim&& other) noexcept
        : store_(other.store_), directory_(std::exchange(other.directory_, {})) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim();

    const std::string& directory() const { return directory_; }
    std::string path() const { return store_->root_ + "/" + directory_; }

   private:
    friend class LayerStore;
    LayerStore* store_;
    std::string directory_;  // "" once it was taken over
  };
  Result<Claim> MakeDirectory();

  // Gives CLAIM's directory the record ROW (its directory is set here).
  Result<> Record(Claim claim, SnapshotRow row);
  // The active snapshot KEY becomes the committed NAME with CLAIM's directory; its own is thrown
  // away. Errors as SnapshotTable::Rename.
  Result<> Replace(Claim claim, const std::string& key, const std::string& name,
                   const LayerUsage& usage);
  // The record goes in one transaction, the files by rename now and by deletion later.
  Result<> Remove(const std::string& name);
  Result<size_t> Sweep();
  // Flushes the file system, then marks the names. Blocks on the disk.
  Result<> MakeDurable(const std::vector<std::string>& names);
  // Names of the snapshots that Open dropped; empties the list.
  std::vector<std::string> TakeDropped();

  Result<std::optional<SnapshotInfo>> Stat(const std::string& name);
  Result<std::vector<SnapshotInfo>> List();

  SnapshotTable& table() { return table_; }
  std::string PathOf(const SnapshotRow& row) const { return root_ + "/" + row.directory; }

 private:
  LayerStore(std::string root, SnapshotTable table)
      : root_(std::move(root)), table_(std::move(table)) {}
  void Discard(const std::string& directory);
  void Unclaim(const std::string& directory);

  const std::string root_;
  SnapshotTable table_;
  Mutex mutex_;
  std::set<std::string> claimed_ GUARDED_BY(mutex_);
  std::vector<std::string> dropped_ GUARDED_BY(mutex_);
  ThreadPool trash_{1};  // last: its tasks end before root_ goes
};

}  // namespace onggi
