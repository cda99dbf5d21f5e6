// Small readers that parse.cc and parse_linux.cc share: optional numbers, lists of objects, enum
// checks. Internal to runtime/spec. Errors name the member.
#pragma once

#include <concepts>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi::spec {

// A whole number that fits T; InvalidArgument naming KEY when it is something else.
template <std::integral T>
Result<T> Number(const Json& object, std::string_view key, T fallback = 0) {
  const auto out_of_range = [&] { return InvalidArgument(std::string(key) + " is out of range"); };
  if constexpr (std::is_signed_v<T>) {
    TRY_ASSIGN(const int64_t value, JsonInt(object, key, fallback));
    if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
      return out_of_range();
    }
    return static_cast<T>(value);
  } else {
    TRY_ASSIGN(const uint64_t value, JsonUint(object, key, fallback));
    if (value > std::numeric_limits<T>::max()) return out_of_range();
    return static_cast<T>(value);
  }
}

template <std::integral T>
Result<> OptionalNumber(const Json& object, std::string_view key, std::optional<T>& out) {
  if (JsonMember(object, key).is_null()) return Ok();
  TRY_ASSIGN(out, Number<T>(object, key));
  return Ok();
}

inline Result<> OptionalBool(const Json& object, std::string_view key, std::optional<bool>& out) {
  if (JsonMember(object, key).is_null()) return Ok();
  TRY_ASSIGN(out, JsonBool(object, key));
  return Ok();
}

// A list of objects, each read by PARSE.
template <typename T>
Result<> List(const Json& object, std::string_view key, std::vector<T>& out,
              Result<T> (*parse)(const Json&)) {
  TRY_ASSIGN(const Json array, JsonArray(object, key));
  out.reserve(array.size());
  for (const Json& entry : array) {
    if (!entry.is_object()) {
      return InvalidArgument(std::string(key) + " holds something that is no object");
    }
    Result<T> value = parse(entry);
    if (!value) return std::move(value).error().Wrap(key);
    out.push_back(std::move(value).value());
  }
  return Ok();
}

// InvalidArgument naming KEY unless VALUE is one of KNOWN.
Result<> CheckEnum(std::string_view key, std::string_view value,
                   std::initializer_list<std::string_view> known);
// InvalidArgument when TEXT holds a NUL: the kernel would see it cut.
Result<> CheckNoNul(std::string_view key, std::string_view text);

Result<IdMapping> ParseIdMapping(const Json& json);
Result<Linux> ParseLinux(const Json& json);
Result<Seccomp> ParseSeccompJson(const Json& json);
Result<Resources> ParseResourcesJson(const Json& json);

// Writers: a member is written only when it says something.
inline void Put(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}
template <typename T>
void Put(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}
template <typename T>
void PutList(Json& json, const char* key, const std::vector<T>& values, Json (*format)(const T&)) {
  if (values.empty()) return;
  Json& array = json[key] = Json::array();
  for (const T& value : values) array.push_back(format(value));
}
inline void PutList(Json& json, const char* key, const std::vector<std::string>& values) {
  if (!values.empty()) json[key] = values;
}

Json FormatIdMapping(const IdMapping& mapping);
Json FormatLinux(const Linux& value);
Json FormatResourcesJson(const Resources& value);

}  // namespace onggi::spec
