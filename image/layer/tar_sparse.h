// Sparse files in tar: where the stored bytes lie in the file. Old GNU (type "S") and the three pax
// forms (0.0, 0.1, 1.0). Every map is bounded and checked before use.
//
// Thread-safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onggi {

inline constexpr size_t kMaxSparseSegments = 64 << 10;

struct SparseSegment {
  uint64_t offset = 0;
  uint64_t size = 0;
};

struct SparseMap {
  std::vector<SparseSegment> segments;
  uint64_t real_size = 0;
};

// What the GNU.sparse.* records of one pax header say.
struct SparsePax {
  int major = 0;
  int minor = 0;
  std::string name;
  uint64_t real_size = 0;
  std::vector<uint64_t> numbers;  // offset, size, offset, size, ...

  // KEY without "GNU.sparse.".
  Result<> Add(std::string_view key, std::string_view value);
  bool map_in_data() const { return major == 1; }
};

// Appends one pair; InvalidArgument when there are too many.
Result<> AddSegment(SparseMap& map, uint64_t offset, uint64_t size);
// Segments in order, without overlap, inside real_size, STORED_BYTES together.
Result<> CheckSparseMap(const SparseMap& map, uint64_t stored_bytes);
Result<SparseMap> MapFromNumbers(const std::vector<uint64_t>& numbers, uint64_t real_size);

// Old GNU: the four pairs and the size in the header block, and whether extension blocks follow;
// then the 21 pairs of each extension block.
Result<bool> ParseGnuSparseHeader(std::string_view block, SparseMap& map);
Result<bool> ParseGnuSparseExtension(std::string_view block, SparseMap& map);

}  // namespace onggi
