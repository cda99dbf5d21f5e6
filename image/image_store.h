// ImageStore: which images there are, under which names, and what keeps their snapshots and blobs.
//
// An image is listed from Put to Remove. What nothing listed, leased or pinned reaches is removed
// with the last thing that reached it (snapshots from the top down, then blobs).
//
// After a power cut: a record carries the boot that wrote it until MakeDurable() has seen
// everything to the disk. A record of an earlier boot is dropped at Open, and so is one whose
// config, manifest or snapshots are gone: what is listed is complete.
//
// Thread-safety: any thread. List and Find answer from memory; the others block on disk.
// Ownership: database, snapshotter and content store must outlive it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "image/catalog.h"
#include "image/content/content_store.h"
#include "image/image_table.h"
#include "snapshotter/snapshotter.h"
#include "store/database.h"

namespace onggi {

// What was freed by a removal.
struct Freed {
  uint64_t bytes = 0;
};

class ImageStore {
 public:
  struct Options {
    std::vector<std::string> pinned;  // references and globs
  };
  static Result<std::unique_ptr<ImageStore>> Open(Options options, Database& database,
                                                  Snapshotter& snapshotter, ContentStore& content);

  std::shared_ptr<const Catalog> catalog() const EXCLUDES(catalog_mutex_);

  // While a Pin lives, nothing of TARGETS (digests, chain ids) is collected.
  class Pin {
   public:
    ~Pin();
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;

   private:
    friend class ImageStore;
    Pin(ImageStore& store, std::vector<std::string> targets)
        : store_(store), targets_(std::move(targets)) {}
    ImageStore& store_;
    const std::vector<std::string> targets_;
  };
  std::unique_ptr<Pin> PinTargets(std::vector<std::string> targets) EXCLUDES(mutex_);

  // Lists RECORD (complete, its blobs and snapshots are there) under NAMES, which other images may
  // lose by that.
  Result<> Put(ImageRecord record, const std::vector<std::string>& names) EXCLUDES(mutex_);
  Result<> Tag(const std::string& id, const std::string& name) EXCLUDES(mutex_);
  Result<> Untag(const std::string& name) EXCLUDES(mutex_);
  // With all names. Absent is success.
  Result<Freed> Remove(const std::string& id) EXCLUDES(mutex_);

  // NotFound unless ID is a listed image; a snapshot is not looked for.
  Result<> Lease(const std::string& owner, const std::string& id) EXCLUDES(mutex_);
  Result<> LeaseSnapshot(const std::string& owner, const std::string& chain_id) EXCLUDES(mutex_);
  Result<> Unlease(const std::string& owner) EXCLUDES(mutex_);
  std::vector<std::string> LeaseOwners(const std::string& target) const EXCLUDES(mutex_);

  // Removes those of CHAINS (top first) and BLOBS that nothing needs.
  Freed Collect(const std::vector<std::string>& chains, const std::vector<std::string>& blobs)
      EXCLUDES(mutex_);
  // Every blob of the content store that nothing needs.
  Freed CollectBlobs() EXCLUDES(mutex_);

  // Blocks until what is listed now survives a power cut. For a background thread.
  Result<> MakeDurable() EXCLUDES(mutex_);

 private:
  ImageStore(Options options, Database& database, Snapshotter& snapshotter, ContentStore& content)
      : options_(std::move(options)),
        database_(database),
        snapshotter_(snapshotter),
        content_(content),
        table_(database) {}

  Result<> Load() EXCLUDES(mutex_);
  Result<std::set<std::string>> CommittedSnapshots();
  Result<> DropRecords(const std::vector<ImageRecord>& records) EXCLUDES(mutex_);
  // RECORD with its config read and parsed; the error says why it can't be listed.
  Result<StoredImage> Complete(const ImageRecord& record) const;
  bool IsPinnedByName(const std::string& name) const;
  void Publish() REQUIRES(mutex_);
  bool HasLease(const std::string& target) const REQUIRES(mutex_);
  bool IsChainNeeded(const std::string& chain_id) const REQUIRES(mutex_);
  bool IsBlobNeeded(const std::string& digest) const REQUIRES(mutex_);
  Freed CollectImage(const ImageRecord& record) EXCLUDES(mutex_);
  void CollectOrphans(std::set<std::string> committed) EXCLUDES(mutex_);

  const Options options_;
  Database& database_;
  Snapshotter& snapshotter_;
  ContentStore& content_;
  ImageTable table_;

  mutable Mutex mutex_;
  std::map<std::string, StoredImage> images_ GUARDED_BY(mutex_);  // listed or leased
  std::map<std::string, std::string> names_ GUARDED_BY(mutex_);
  std::multimap<std::string, std::string> leases_ GUARDED_BY(mutex_);  // owner -> target
  std::multiset<std::string> pins_ GUARDED_BY(mutex_);

  mutable Mutex catalog_mutex_;
  std::shared_ptr<const Catalog> catalog_ GUARDED_BY(catalog_mutex_) =
      std::make_shared<const Catalog>();
};

}  // namespace onggi
