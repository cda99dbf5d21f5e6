// Pax extended headers ("x"): records that replace or add to what the header block says.
//
// Thread-safety: values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/layer/tar_sparse.h"

namespace onggi {

inline constexpr size_t kMaxPaxBytes = 1 << 20;  // of one extended header

struct PaxOverrides {
  std::optional<std::string> path;
  std::optional<std::string> link_path;
  std::optional<uint64_t> size;
  std::optional<int64_t> uid;
  std::optional<int64_t> gid;
  std::optional<int64_t> mtime_ns;
  std::map<std::string, std::string> xattrs;  // SCHILY.xattr.NAME
  std::optional<SparsePax> sparse;            // GNU.sparse.*
};

// InvalidArgument for anything that is not wholly well-formed. Keys that we have no use for are
// checked for form only; so is a global header ("g"), whose values no engine applies to layers.
Result<PaxOverrides> ParsePax(std::string_view records);

// One "LENGTH key=value\n" record.
std::string FormatPaxRecord(std::string_view key, std::string_view value);

}  // namespace onggi
