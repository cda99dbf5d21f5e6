// ContentStore: blobs (manifests, configs, layers as they travel) by digest, below one directory:
//
//   DIR/blobs/sha256/HEX       complete, verified, never changed
//   DIR/ingest/HEX.partial     being received; resumed by the next ingest of the same digest
//   DIR/ingest/RANDOM.tmp      being received, digest not known before its end
//
// Files are the truth: there is no database. What may be removed is decided by the image store,
// which knows what is reachable. A blob becomes visible by rename, whole. It is on the disk for
// certain only after Sync(): after an unclean boot the image store has Verify() tell what survived.
//
// Scenario: receive a blob of known digest
//   auto ingest = store->Begin(digest, size);      // AlreadyExists: have it, skip
//   from = ingest->offset();                       // bytes that an earlier try left: ask for the
//   rest
//   ingest->Write(bytes) ...
//   ingest->Commit();                              // DataLoss: not what was promised; space
//   returned
//
// Thread-safety: any thread. All calls block on disk. A full disk is ResourceExhausted.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "image/content/blob_ingest.h"
#include "image/digest.h"

namespace onggi {

struct ContentUsage {
  uint64_t bytes = 0;  // of complete blobs
  uint64_t blobs = 0;
};

class ContentStore {
 public:
  // DIRECTORY ("<root>/content") is made when absent. Unfinished files of unknown digest are
  // removed, blobs are counted.
  static Result<std::unique_ptr<ContentStore>> Open(const std::string& directory);

  // AlreadyExists when the blob is here; Aborted when another ingest of it is running (join it, or
  // wait and ask again). SIZE, when known, bounds what is taken. ContentStore must outlive the
  // ingest.
  Result<std::unique_ptr<BlobIngest>> Begin(const Digest& digest, std::optional<uint64_t> size);
  // For bytes whose digest is learned while they come.
  Result<std::unique_ptr<BlobIngest>> BeginUnnamed();
  // A small blob in one call; present already is success.
  Result<BlobInfo> Put(std::string_view bytes);

  bool Has(const Digest& digest) const;
  // NotFound when absent.
  Result<BlobInfo> Stat(const Digest& digest) const;
  // The blob's file, read-only, at offset 0. NotFound when absent.
  Result<UniqueFd> Open(const Digest& digest) const;
  // All of a small blob, its bytes checked against the digest (DataLoss). ResourceExhausted above
  // LIMIT.
  Result<std::string> Read(const Digest& digest, size_t limit) const;
  // Reads the whole file and compares: DataLoss when it is not what its name says.
  Result<> Verify(const Digest& digest) const;
  // Absent is success. Readers that hold the file go on reading.
  Result<> Remove(const Digest& digest);
  std::vector<BlobInfo> List() const;
  ContentUsage Usage() const;

  // Removes unfinished files that nobody writes and that are older than AGE; how many bytes came
  // back.
  Result<uint64_t> Sweep(std::chrono::seconds age);
  // What is visible now is on the disk when this returns (syncfs). Slow: background only.
  Result<> Sync() const;

 private:
  friend class BlobIngest;
  explicit ContentStore(std::string directory) : directory_(std::move(directory)) {}
  Result<> Scan();
  Result<> Publish(const std::string& name, const BlobInfo& blob);
  void Release(const std::string& name);

  const std::string directory_;
  UniqueFd blobs_;   // DIR/blobs/sha256
  UniqueFd ingest_;  // DIR/ingest
  std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> count_{0};
  mutable Mutex mutex_;
  std::set<std::string> active_ GUARDED_BY(mutex_);  // file names in DIR/ingest being written
};

}  // namespace onggi
