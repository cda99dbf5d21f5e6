// BlobIngest: one blob on its way into the content store. TeeSource: a stream that leaves a copy in
// one.
//
// Thread-safety: one thread at a time. Ownership: refers to its ContentStore, which must outlive
// it. Blocks on disk. A full disk is ResourceExhausted, and the space is returned before the error
// is. After an error of Write() or Commit() the ingest can only be destroyed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "image/content/byte_source.h"
#include "image/digest.h"

namespace onggi {

class ContentStore;

struct BlobInfo {
  Digest digest;
  uint64_t size = 0;
  int64_t modified_at_ns = 0;
};

// Destroyed without Commit(): a partial file of a known digest stays for
// the next try; one of unknown digest goes.
class BlobIngest {
 public:
  ~BlobIngest();
  BlobIngest(const BlobIngest&) = delete;
  BlobIngest& operator=(const BlobIngest&) = delete;

  // Bytes that are held already (and hashed); Write() goes on after them.
  uint64_t offset() const { return offset_; }
  // Fails at once when more comes than was announced (DataLoss).
  Result<> Write(std::string_view bytes);
  // What was written before, from POSITION: to feed the unpacker on resume. 0 at offset().
  Result<size_t> ReadBack(uint64_t position, std::span<char> buffer) const;
  // Forgets all bytes held, for a server that can't resume; offset() is 0 again.
  Result<> Restart();
  // Checks size and digest and makes the blob visible; also when another ingest was first.
  // DataLoss naming expected and got: the file is gone.
  // PROMISED, when not empty, is compared too (for an ingest that was begun without a digest).
  Result<BlobInfo> Commit(const Digest& promised = {});
  // Removes the file now, whatever it holds.
  void Discard();

 private:
  friend class ContentStore;
  BlobIngest(ContentStore& store, std::string name, UniqueFd fd);
  Result<> Rehash();

  ContentStore& store_;
  std::string name_;  // in DIR/ingest
  UniqueFd fd_;
  Digest expected_;  // empty: not known
  std::optional<uint64_t> expected_size_;
  uint64_t offset_ = 0;
  Sha256 hash_;
  bool keep_ = false;  // the destructor leaves the file
};

// Reads UPSTREAM and keeps a copy in INGEST. When the ingest resumes, the bytes held come first,
// and UPSTREAM must start at ingest.offset() (as it is when this is made). The caller commits the
// ingest after the end.
class TeeSource : public ByteSource {
 public:
  TeeSource(ByteSource& upstream, BlobIngest& ingest)
      : upstream_(upstream), ingest_(ingest), held_(ingest.offset()) {}
  Result<size_t> Read(std::span<char> buffer) override;

 private:
  ByteSource& upstream_;
  BlobIngest& ingest_;
  const uint64_t held_;
  uint64_t position_ = 0;
};

}  // namespace onggi
