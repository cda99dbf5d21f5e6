// TarReader: the entries of a tar stream, one after another, without a copy of their bytes.
//
// v7, ustar, GNU long names and sparse files, pax with xattrs and fractions of seconds. Strict:
// what is not wholly understood is refused, not guessed. It only reads: what a path means and
// whether it is allowed is for the caller.
//
// Thread-safety: one thread. Ownership: borrows the BlockSource. Errors: DataLoss for truncated or
// damaged streams, InvalidArgument for what is malformed or beyond a limit; the source's own as
// they are. After an error it is unusable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "image/layer/block_source.h"
#include "image/layer/tar_header.h"
#include "image/layer/tar_pax.h"
#include "image/layer/tar_sparse.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

struct TarLimits {
  uint64_t max_entries = 10'000'000;
  size_t max_path_bytes = 4095;  // PATH_MAX without its NUL
  // Zeros that sparse files of the whole stream may expand to: no stored byte pays for them.
  uint64_t max_hole_bytes = uint64_t{16} << 30;
};

class TarReader {
 public:
  explicit TarReader(BlockSource& blocks, const TarLimits& limits = {})
      : blocks_(blocks), limits_(limits) {}

  // Goes to the next entry, over what was not read of this one. False at the end of the archive.
  Result<bool> Next(LayerEntry& entry);
  // The next bytes of a regular file's content (holes as zeros), entry.size of them in all; empty
  // at the end. Valid until the next call.
  Result<std::string_view> Data();
  // Reads what follows the end of the archive until the stream ends.
  Result<> Drain();

  uint64_t entries() const { return entries_; }

 private:
  struct Meta {  // of the extended headers before an entry
    PaxOverrides pax;
    std::optional<std::string> long_name;
    std::optional<std::string> long_link;
  };

  Result<bool> Refill();
  Result<std::string_view> TakeBlock();
  Result<std::optional<TarHeader>> NextHeader();
  Result<bool> ReadMeta(const TarHeader& header, Meta& meta);
  Result<std::string> ReadRecord(uint64_t size, uint64_t limit);
  Result<> Fill(const TarHeader& header, Meta meta, LayerEntry& entry);
  Result<> OpenSparse(const TarHeader& header, Meta& meta, LayerEntry& entry);
  Result<SparseMap> ReadMapInData(uint64_t real_size);
  Result<std::string_view> Stored(uint64_t wanted);
  Result<> SkipRest();

  BlockSource& blocks_;
  const TarLimits limits_;
  std::string_view rest_;  // of the block lent by blocks_
  char carry_[kTarBlock];  // a tar block that straddles two of them
  std::string header_block_;
  uint64_t stored_left_ = 0;  // bytes of this entry in the stream
  uint64_t padding_ = 0;      // after them
  std::optional<SparseMap> sparse_;
  size_t segment_ = 0;
  uint64_t position_ = 0;  // in a sparse file
  uint64_t holes_ = 0;
  uint64_t entries_ = 0;
  bool ended_ = false;
};

}  // namespace onggi
