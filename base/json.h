// Json: the tree's JSON type (nlohmann-json) behind limits and checked accessors.
//
// The library is compiled with JSON_NOEXCEPTION: a wrong-typed .get<>() or a missing .at() would
// abort. So only what is declared here reads a document from outside: every accessor says what it
// found instead. Building documents (j["key"] = value) is safe.
//
// Thread-safety: a value.
#pragma once

#define JSON_NOEXCEPTION 1
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onggi {

using Json = nlohmann::json;
// Keeps the order in which keys were written: for documents that people read.
using OrderedJson = nlohmann::ordered_json;

struct JsonLimits {
  size_t bytes = 4 << 20;
  int depth = 64;
};

// InvalidArgument with the byte offset when TEXT is not one JSON document or breaks a limit.
Result<Json> ParseJson(std::string_view text, const JsonLimits& limits = {});

// Text without line breaks; invalid UTF-8 becomes U+FFFD (never aborts).
std::string DumpJson(const Json& json);
std::string DumpJson(const OrderedJson& json, int indent = -1);

// Member KEY of OBJECT, or null when OBJECT is no object or lacks it.
const Json& JsonMember(const Json& object, std::string_view key);

// Absent or JSON null gives the default; any other type is InvalidArgument naming KEY and the type
// found.
Result<std::string> JsonString(const Json& object, std::string_view key, std::string fallback = "");
Result<bool> JsonBool(const Json& object, std::string_view key, bool fallback = false);
// Whole numbers in the range of the type.
Result<int64_t> JsonInt(const Json& object, std::string_view key, int64_t fallback = 0);
Result<uint64_t> JsonUint(const Json& object, std::string_view key, uint64_t fallback = 0);
Result<std::vector<std::string>> JsonStrings(const Json& object, std::string_view key);
Result<std::map<std::string, std::string>> JsonStringMap(const Json& object, std::string_view key);
// The array or object at KEY; an empty one when absent.
Result<Json> JsonArray(const Json& object, std::string_view key);
Result<Json> JsonObject(const Json& object, std::string_view key);

}  // namespace onggi
