// The part of TOML 1.0 that hosts.toml files use: tables with dotted and quoted names, strings,
// whole numbers, booleans, arrays, inline tables. Not read: dates, floats, arrays of tables,
// multi-line strings (an error naming the line).
//
// Thread-safety: pure functions and plain data.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace onggi {

struct TomlValue;
// In the order of the file: hosts.toml gives it a meaning.
using TomlTable = std::vector<std::pair<std::string, TomlValue>>;
using TomlArray = std::vector<TomlValue>;

struct TomlValue {
  std::variant<bool, int64_t, std::string, TomlArray, TomlTable> value;

  const TomlTable* Table() const { return std::get_if<TomlTable>(&value); }
  const TomlArray* Array() const { return std::get_if<TomlArray>(&value); }
  const std::string* String() const { return std::get_if<std::string>(&value); }
  const bool* Bool() const { return std::get_if<bool>(&value); }
};

// Null when absent.
const TomlValue* TomlMember(const TomlTable& table, std::string_view key);

// InvalidArgument with the line. At most 1 MiB and 16 levels.
Result<TomlTable> ParseToml(std::string_view text);

}  // namespace onggi
