#include "image/layer/tar_sparse.h"

#include "base/strings.h"
#include "image/layer/tar_header.h"

namespace onggi {
namespace {

constexpr size_t kPairs = 386, kPairSize = 24, kHeaderPairs = 4, kHeaderExtended = 482,
                 kRealSize = 483, kExtensionPairs = 21, kExtensionExtended = 504;

Error Bad(std::string_view what) {
  return InvalidArgument("sparse file: " + std::string(what));
}

Result<uint64_t> Number(std::string_view text) {
  std::optional<uint64_t> value = ParseUint(text);
  if (!value || *value > kMaxTarSize) return Bad("bad number");
  return *value;
}

Result<uint64_t> BlockNumber(std::string_view field) {
  TRY_ASSIGN(int64_t value, ParseTarNumber(field));
  if (value < 0 || static_cast<uint64_t>(value) > kMaxTarSize) return Bad("bad number");
  return static_cast<uint64_t>(value);
}

Result<> ParsePairs(std::string_view pairs, SparseMap& map) {
  for (; !pairs.empty(); pairs.remove_prefix(kPairSize)) {
    if (pairs[0] == '\0') break;  // unused pairs are zero
    TRY_ASSIGN(uint64_t offset, BlockNumber(pairs.substr(0, 12)));
    TRY_ASSIGN(uint64_t size, BlockNumber(pairs.substr(12, 12)));
    TRY(AddSegment(map, offset, size));
  }
  return Ok();
}

}  // namespace

Result<> SparsePax::Add(std::string_view key, std::string_view value) {
  if (key == "name") {
    if (value.find('\0') != std::string_view::npos) return Bad("name holds a NUL");
    name = value;
  } else if (key == "major" || key == "minor") {
    TRY_ASSIGN(uint64_t number, Number(value));
    if (number > 1) return Bad("unknown version");
    (key == "major" ? major : minor) = static_cast<int>(number);
  } else if (key == "size" || key == "realsize") {
    TRY_ASSIGN(real_size, Number(value));
  } else if (key == "offset" || key == "numbytes") {
    bool wants_offset = numbers.size() % 2 == 0;
    if (wants_offset != (key == "offset")) return Bad("map out of order");
    if (numbers.size() >= 2 * kMaxSparseSegments) return Bad("too many segments");
    TRY_ASSIGN(uint64_t number, Number(value));
    numbers.push_back(number);
  } else if (key == "map") {
    numbers.clear();
    for (std::string_view part : Split(value, ',')) {
      if (numbers.size() >= 2 * kMaxSparseSegments) return Bad("too many segments");
      TRY_ASSIGN(uint64_t number, Number(part));
      numbers.push_back(number);
    }
  }
  return Ok();
}

Result<> AddSegment(SparseMap& map, uint64_t offset, uint64_t size) {
  if (map.segments.size() >= kMaxSparseSegments) return Bad("too many segments");
  map.segments.push_back({offset, size});
  return Ok();
}

Result<> CheckSparseMap(const SparseMap& map, uint64_t stored_bytes) {
  uint64_t end = 0;
  uint64_t stored = 0;
  for (const SparseSegment& segment : map.segments) {
    // Each number is at most 2^60: sums of two do not overflow.
    if (segment.offset < end) return Bad("segments overlap");
    end = segment.offset + segment.size;
    if (end > map.real_size) return Bad("segment beyond the end");
    stored += segment.size;
  }
  if (stored != stored_bytes) return Bad("map and stored bytes disagree");
  return Ok();
}

Result<SparseMap> MapFromNumbers(const std::vector<uint64_t>& numbers, uint64_t real_size) {
  if (numbers.size() % 2 != 0) return Bad("odd map");
  SparseMap map;
  map.real_size = real_size;
  for (size_t i = 0; i < numbers.size(); i += 2) TRY(AddSegment(map, numbers[i], numbers[i + 1]));
  return map;
}

Result<bool> ParseGnuSparseHeader(std::string_view block, SparseMap& map) {
  TRY_ASSIGN(map.real_size, BlockNumber(block.substr(kRealSize, 12)));
  TRY(ParsePairs(block.substr(kPairs, kHeaderPairs * kPairSize), map));
  return block[kHeaderExtended] != '\0';
}

Result<bool> ParseGnuSparseExtension(std::string_view block, SparseMap& map) {
  TRY(ParsePairs(block.substr(0, kExtensionPairs * kPairSize), map));
  return block[kExtensionExtended] != '\0';
}

}  // namespace onggi
