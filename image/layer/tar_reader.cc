#include "image/layer/tar_reader.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace onggi {
namespace {

constexpr char kZeros[64 << 10] = {};
constexpr int kMaxSparseExtensions = 1 + kMaxSparseSegments / 21;

Error Truncated() {
  return Error(Code::kDataLoss, "tar: data ends in the middle");
}

bool HasData(char type) {
  return type == '0' || type == '7' || type == 'S';
}

std::optional<EntryType> TypeOf(char type, std::string_view path) {
  switch (type) {
    case '0':
    case '7':  // "contiguous": a hint to the file system
    case 'S':
      // v7 had no type for directories.
      return path.ends_with('/') ? EntryType::kDirectory : EntryType::kRegular;
    case '1':
      return EntryType::kHardLink;
    case '2':
      return EntryType::kSymlink;
    case '3':
      return EntryType::kCharDevice;
    case '4':
      return EntryType::kBlockDevice;
    case '5':
      return EntryType::kDirectory;
    case '6':
      return EntryType::kFifo;
    default:
      return std::nullopt;
  }
}

// chown takes -1 as "leave it": an archive must not be able to say that.
Result<uint32_t> CheckId(int64_t id) {
  if (id < 0 || id >= int64_t{UINT32_MAX}) return InvalidArgument("tar: user or group id");
  return static_cast<uint32_t>(id);
}

}  // namespace

Result<bool> TarReader::Refill() {
  TRY_ASSIGN(rest_, blocks_.Next());
  return !rest_.empty();
}

// One tar block; empty at the end of the stream. Valid until the next call of anything.
Result<std::string_view> TarReader::TakeBlock() {
  if (rest_.size() >= kTarBlock) {
    std::string_view block = rest_.substr(0, kTarBlock);
    rest_.remove_prefix(kTarBlock);
    return block;
  }
  size_t held = 0;
  while (held < kTarBlock) {
    if (rest_.empty()) {
      TRY_ASSIGN(bool more, Refill());
      if (!more && held == 0) return std::string_view();
      if (!more) return Truncated();
    }
    size_t size = std::min(rest_.size(), kTarBlock - held);
    memcpy(carry_ + held, rest_.data(), size);
    rest_.remove_prefix(size);
    held += size;
  }
  return std::string_view(carry_, kTarBlock);
}

Result<> TarReader::SkipRest() {
  uint64_t left = stored_left_ + padding_;
  while (left > 0) {
    if (rest_.empty()) {
      TRY_ASSIGN(bool more, Refill());
      if (!more) return Truncated();
    }
    size_t size = std::min<uint64_t>(rest_.size(), left);
    rest_.remove_prefix(size);
    left -= size;
  }
  stored_left_ = padding_ = 0;
  return Ok();
}

// The end is two zero blocks, or the end of the stream at an entry's border: some writers leave the
// zeros out, and the digest of the layer tells a cut one.
Result<std::optional<TarHeader>> TarReader::NextHeader() {
  TRY_ASSIGN(std::string_view block, TakeBlock());
  if (block.empty()) return std::optional<TarHeader>();
  if (IsZeroBlock(block)) {
    TRY_ASSIGN(std::string_view second, TakeBlock());
    if (second.empty() || IsZeroBlock(second)) return std::optional<TarHeader>();
    return Error(Code::kDataLoss, "tar: entries after a lone zero block");
  }
  TRY_ASSIGN(TarHeader header, ParseTarHeader(block));
  // A sparse file's map stands in the block itself, which is not valid for long.
  if (header.type == 'S') header_block_ = block;
  return std::optional<TarHeader>(std::move(header));
}

Result<std::string> TarReader::ReadRecord(uint64_t size, uint64_t limit) {
  if (size > limit)
    return InvalidArgument("tar: extended header of " + std::to_string(size) + " bytes");
  stored_left_ = size;
  padding_ = (kTarBlock - size % kTarBlock) % kTarBlock;
  std::string record;
  record.reserve(size);
  while (stored_left_ > 0) {
    TRY_ASSIGN(std::string_view piece, Stored(stored_left_));
    record.append(piece);
  }
  TRY(SkipRest());
  return record;
}

// True when HEADER was one that describes the next.
Result<bool> TarReader::ReadMeta(const TarHeader& header, Meta& meta) {
  switch (header.type) {
    case 'x': {
      TRY_ASSIGN(std::string records, ReadRecord(header.size, kMaxPaxBytes));
      TRY_ASSIGN(meta.pax, ParsePax(records));
      return true;
    }
    case 'g': {
      // Checked and not applied: Go's reader, and with it every engine that pulls images, leaves
      // global values out, and a layer must mean the same everywhere.
      TRY_ASSIGN(std::string records, ReadRecord(header.size, kMaxPaxBytes));
      TRY(ParsePax(records));
      return true;
    }
    case 'L':
    case 'K': {
      TRY_ASSIGN(std::string record, ReadRecord(header.size, limits_.max_path_bytes + 1));
      (header.type == 'L' ? meta.long_name : meta.long_link) = TarText(record);
      return true;
    }
    default:
      return false;
  }
}

Result<SparseMap> TarReader::ReadMapInData(uint64_t real_size) {
  // Decimal numbers, one a line: how many segments, then offset and size of each; padded to whole
  // blocks, which count as stored bytes.
  std::vector<uint64_t> numbers;
  std::optional<uint64_t> wanted;
  std::string digits;
  while (!wanted || numbers.size() < *wanted) {
    if (stored_left_ < kTarBlock) return InvalidArgument("sparse file: map does not end");
    TRY_ASSIGN(std::string_view block, TakeBlock());
    if (block.empty()) return Truncated();
    stored_left_ -= kTarBlock;
    for (char c : block) {
      if (wanted && numbers.size() == *wanted) break;
      if (c != '\n') {
        if (digits.size() > 20) return InvalidArgument("sparse file: bad number");
        digits += c;
        continue;
      }
      std::optional<uint64_t> number = ParseUint(digits);
      if (!number || *number > kMaxTarSize) return InvalidArgument("sparse file: bad number");
      digits.clear();
      if (wanted) {
        numbers.push_back(*number);
      } else if (*number > kMaxSparseSegments) {
        return InvalidArgument("sparse file: too many segments");
      } else {
        wanted = *number * 2;
      }
    }
  }
  return MapFromNumbers(numbers, real_size);
}

Result<> TarReader::OpenSparse(const TarHeader& header, Meta& meta, LayerEntry& entry) {
  SparseMap map;
  if (header.type == 'S') {
    TRY_ASSIGN(bool extended, ParseGnuSparseHeader(header_block_, map));
    for (int i = 0; extended; ++i) {
      if (i > kMaxSparseExtensions) return InvalidArgument("sparse file: too many segments");
      TRY_ASSIGN(std::string_view block, TakeBlock());
      if (block.empty()) return Truncated();
      TRY_ASSIGN(extended, ParseGnuSparseExtension(block, map));
    }
  } else {
    SparsePax& sparse = *meta.pax.sparse;
    if (!sparse.name.empty()) entry.path = sparse.name;
    if (sparse.map_in_data()) {
      TRY_ASSIGN(map, ReadMapInData(sparse.real_size));
    } else {
      TRY_ASSIGN(map, MapFromNumbers(sparse.numbers, sparse.real_size));
    }
  }
  TRY(CheckSparseMap(map, stored_left_));
  holes_ += map.real_size - stored_left_;
  if (holes_ > limits_.max_hole_bytes) {
    return InvalidArgument("sparse files: holes of more than " +
                           std::to_string(limits_.max_hole_bytes) + " bytes");
  }
  entry.size = map.real_size;
  sparse_ = std::move(map);
  return Ok();
}

Result<> TarReader::Fill(const TarHeader& header, Meta meta, LayerEntry& entry) {
  entry.path = meta.pax.path    ? std::move(*meta.pax.path)
               : meta.long_name ? std::move(*meta.long_name)
                                : header.name;
  std::optional<EntryType> type = TypeOf(header.type, entry.path);
  if (!type) {
    return InvalidArgument("tar: entry type " + Quote(std::string_view(&header.type, 1)) +
                           " is not supported");
  }
  entry.type = *type;
  entry.link_target = meta.pax.link_path ? std::move(*meta.pax.link_path)
                      : meta.long_link   ? std::move(*meta.long_link)
                                         : header.link_name;
  entry.mode = header.mode;
  TRY_ASSIGN(entry.uid, CheckId(meta.pax.uid.value_or(header.uid)));
  TRY_ASSIGN(entry.gid, CheckId(meta.pax.gid.value_or(header.gid)));
  constexpr int64_t kMaxSeconds = INT64_MAX / 1'000'000'000 - 1;
  entry.mtime_ns = meta.pax.mtime_ns.value_or(
      std::clamp(header.mtime_s, -kMaxSeconds, kMaxSeconds) * 1'000'000'000);
  entry.device_major = header.device_major;
  entry.device_minor = header.device_minor;
  entry.xattrs = std::move(meta.pax.xattrs);
  entry.size = 0;
  sparse_.reset();
  segment_ = 0;
  position_ = 0;
  // Only files have bytes, whatever the size field of another type says.
  stored_left_ = HasData(header.type) ? meta.pax.size.value_or(header.size) : 0;
  padding_ = (kTarBlock - stored_left_ % kTarBlock) % kTarBlock;
  bool is_file = *type == EntryType::kRegular;
  if (is_file) entry.size = stored_left_;
  if (is_file && (header.type == 'S' || meta.pax.sparse)) TRY(OpenSparse(header, meta, entry));
  if (entry.path.size() > limits_.max_path_bytes ||
      entry.link_target.size() > limits_.max_path_bytes) {
    return InvalidArgument("tar: name longer than " + std::to_string(limits_.max_path_bytes) +
                           " bytes");
  }
  return Ok();
}

Result<bool> TarReader::Next(LayerEntry& entry) {
  if (ended_) return false;
  TRY(SkipRest());
  Meta meta;
  bool described = false;
  while (true) {
    TRY_ASSIGN(std::optional<TarHeader> header, NextHeader());
    if (!header) {
      if (described) return Truncated();
      ended_ = true;
      return false;
    }
    if (++entries_ > limits_.max_entries) return InvalidArgument("tar: too many entries");
    TRY_ASSIGN(bool is_meta, ReadMeta(*header, meta));
    described = is_meta && header->type != 'g' ? true : described;
    if (is_meta) continue;
    TRY(Fill(*header, std::move(meta), entry));
    return true;
  }
}

// Up to WANTED bytes of the entry's own in the stream.
Result<std::string_view> TarReader::Stored(uint64_t wanted) {
  if (rest_.empty()) {
    TRY_ASSIGN(bool more, Refill());
    if (!more) return Truncated();
  }
  std::string_view piece = rest_.substr(0, std::min<uint64_t>(rest_.size(), wanted));
  rest_.remove_prefix(piece.size());
  stored_left_ -= piece.size();
  return piece;
}

Result<std::string_view> TarReader::Data() {
  if (!sparse_) {
    if (stored_left_ == 0) return std::string_view();
    return Stored(stored_left_);
  }
  const auto& segments = sparse_->segments;
  while (segment_ < segments.size() &&
         position_ == segments[segment_].offset + segments[segment_].size) {
    ++segment_;
  }
  bool in_hole = segment_ == segments.size() || position_ < segments[segment_].offset;
  std::string_view piece;
  if (in_hole) {
    uint64_t end = segment_ == segments.size() ? sparse_->real_size : segments[segment_].offset;
    piece = {kZeros, std::min<uint64_t>(sizeof(kZeros), end - position_)};
  } else {
    const SparseSegment& segment = segments[segment_];
    TRY_ASSIGN(piece, Stored(segment.offset + segment.size - position_));
  }
  position_ += piece.size();
  return piece;
}

Result<> TarReader::Drain() {
  rest_ = {};
  while (true) {
    TRY_ASSIGN(bool more, Refill());
    if (!more) return Ok();
  }
}

}  // namespace onggi
