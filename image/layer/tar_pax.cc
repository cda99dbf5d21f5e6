#include "image/layer/tar_pax.h"

#include "base/strings.h"
#include "image/layer/tar_header.h"

namespace onggi {
namespace {

constexpr std::string_view kXattrPrefix = "SCHILY.xattr.";
constexpr std::string_view kSparsePrefix = "GNU.sparse.";
constexpr size_t kMaxXattrs = 1024;

Error Bad(std::string_view what) {
  return InvalidArgument("pax header: " + std::string(what));
}

Result<std::optional<std::string>> Text(std::string_view key, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return Bad(std::string(key) + " holds a NUL");
  if (value.empty()) return std::optional<std::string>();
  return std::optional<std::string>(value);
}

Result<std::optional<int64_t>> Id(std::string_view key, std::string_view value) {
  if (value.empty()) return std::optional<int64_t>();
  std::optional<int64_t> id = ParseInt(value);
  if (!id) return Bad(std::string(key) + " is no number");
  return id;
}

Result<> AddXattr(PaxOverrides& overrides, std::string_view name, std::string_view value) {
  if (name.empty() || name.find('\0') != std::string_view::npos) return Bad("xattr name");
  if (overrides.xattrs.size() >= kMaxXattrs) return Bad("too many xattrs");
  overrides.xattrs[std::string(name)] = value;
  return Ok();
}

// An empty value takes a former record of the same key back.
Result<> AddRecord(PaxOverrides& overrides, std::string_view key, std::string_view value) {
  if (key == "path") {
    TRY_ASSIGN(overrides.path, Text(key, value));
  } else if (key == "linkpath") {
    TRY_ASSIGN(overrides.link_path, Text(key, value));
  } else if (key == "uid") {
    TRY_ASSIGN(overrides.uid, Id(key, value));
  } else if (key == "gid") {
    TRY_ASSIGN(overrides.gid, Id(key, value));
  } else if (key == "size") {
    std::optional<uint64_t> size = ParseUint(value);
    if (!value.empty() && (!size || *size > kMaxTarSize)) return Bad("size is no size");
    overrides.size = size;
  } else if (key == "mtime") {
    overrides.mtime_ns.reset();
    if (!value.empty()) {
      TRY_ASSIGN(overrides.mtime_ns, ParseTarTime(value));
    }
  } else if (key.starts_with(kXattrPrefix)) {
    return AddXattr(overrides, key.substr(kXattrPrefix.size()), value);
  } else if (key.starts_with(kSparsePrefix)) {
    if (!overrides.sparse) overrides.sparse.emplace();
    return overrides.sparse->Add(key.substr(kSparsePrefix.size()), value);
  }
  return Ok();
}

}  // namespace

Result<PaxOverrides> ParsePax(std::string_view records) {
  PaxOverrides overrides;
  while (!records.empty()) {
    size_t space = records.substr(0, 20).find(' ');
    if (space == std::string_view::npos) return Bad("record has no length");
    std::optional<uint64_t> length = ParseUint(records.substr(0, space));
    if (!length || *length <= space + 2 || *length > records.size()) return Bad("record length");
    std::string_view record = records.substr(space + 1, *length - space - 1);
    records.remove_prefix(*length);
    if (record.back() != '\n') return Bad("record does not end where it says");
    record.remove_suffix(1);
    size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) return Bad("record has no key");
    TRY(AddRecord(overrides, record.substr(0, equals), record.substr(equals + 1)));
  }
  return overrides;
}

std::string FormatPaxRecord(std::string_view key, std::string_view value) {
  size_t body = 1 + key.size() + 1 + value.size() + 1;  // " key=value\n"
  size_t length = body + 1;
  while (length != body + std::to_string(length).size()) {
    length = body + std::to_string(length).size();
  }
  std::string record = std::to_string(length);
  return record.append(" ").append(key).append("=").append(value).append("\n");
}

}  // namespace onggi
