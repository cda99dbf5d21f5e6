// Fields: the one list of what a stored configuration or status holds, for writing and reading.
//
// Each struct has one Describe(archive, value) in record/describe.h; JsonWriter and JsonReader are
// the two archives. An absent member keeps the struct's default, an unknown one is ignored, a wrong
// type makes the reader fail naming the member: a newer or damaged record never aborts the daemon.
// Strings that are not UTF-8 (environment values are bytes) are kept as {"hex": "..."}.
//
// Thread-safety: values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace onggi::record {

Json BytesToJson(const std::string& text);
// False when JSON is neither a string nor a hex object.
bool BytesFromJson(const Json& json, std::string& text);

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsPair : std::false_type {};
template <typename A, typename B>
struct IsPair<std::pair<A, B>> : std::true_type {};
using StringTable = std::map<std::string, std::string>;

class JsonWriter {
 public:
  template <typename T>
  void operator()(const char* key, const T& value) {
    if (IsDefault(value)) return;
    json_[key] = ToJson(value);
  }
  Json Take() { return std::move(json_); }

  template <typename T>
  static Json ToJson(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      return BytesToJson(value);
    } else if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T>) {
      return value;
    } else if constexpr (std::is_enum_v<T>) {
      return static_cast<int64_t>(value);
    } else if constexpr (std::is_integral_v<T>) {
      return value;
    } else if constexpr (IsOptional<T>::value) {
      return value ? ToJson(*value) : Json();
    } else if constexpr (IsPair<T>::value) {
      return Json::array({ToJson(value.first), ToJson(value.second)});
    } else if constexpr (IsVector<T>::value) {
      Json array = Json::array();
      for (const auto& item : value) array.push_back(ToJson(item));
      return array;
    } else if constexpr (std::is_same_v<T, StringTable>) {
      Json object = Json::object();
      for (const auto& [name, text] : value) object[name] = BytesToJson(text);
      return object;
    } else {
      JsonWriter writer;
      writer.json_ = Json::object();
      Describe(writer, value);
      return writer.Take();
    }
  }

 private:
  // Left out, so that records stay small: zero, "", empty, absent.
  template <typename T>
  static bool IsDefault(const T& value) {
    if constexpr (std::is_same_v<T, std::string> || IsVector<T>::value ||
                  std::is_same_v<T, StringTable>) {
      return value.empty();
    } else if constexpr (IsOptional<T>::value) {
      return !value.has_value();
    } else {
      return false;
    }
  }

  Json json_ = Json::object();
};

class JsonReader {
 public:
  explicit JsonReader(const Json& json) : json_(json) {}

  template <typename T>
  void operator()(const char* key, T& value) {
    if (!wrong_.empty()) return;
    const Json& member = JsonMember(json_, key);
    if (member.is_null()) return;
    if (!FromJson(member, value)) wrong_ = key;
  }
  // "" when everything fitted.
  const std::string& wrong() const { return wrong_; }

  template <typename T>
  static bool FromJson(const Json& json, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      return BytesFromJson(json, value);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) return false;
      value = *json.get_ptr<const bool*>();
      return true;
    } else if constexpr (std::is_floating_point_v<T>) {
      if (!json.is_number()) return false;
      value = json.get<T>();  // any number converts
      return true;
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
      if (!json.is_number_integer()) return false;
      value = static_cast<T>(json.get<int64_t>());  // any whole number converts
      return true;
    } else if constexpr (IsOptional<T>::value) {
      return FromJson(json, value.emplace());
    } else if constexpr (IsPair<T>::value) {
      return json.is_array() && json.size() == 2 && FromJson(json[0], value.first) &&
             FromJson(json[1], value.second);
    } else if constexpr (IsVector<T>::value) {
      return VectorFromJson(json, value);
    } else if constexpr (std::is_same_v<T, StringTable>) {
      return TableFromJson(json, value);
    } else {
      if (!json.is_object()) return false;
      JsonReader reader(json);
      Describe(reader, value);
      return reader.wrong().empty();
    }
  }

 private:
  template <typename T>
  static bool VectorFromJson(const Json& json, std::vector<T>& value) {
    if (!json.is_array()) return false;
    value.clear();
    for (const Json& item : json) {
      if (!FromJson(item, value.emplace_back())) return false;
    }
    return true;
  }
  static bool TableFromJson(const Json& json, StringTable& value) {
    if (!json.is_object()) return false;
    for (auto at = json.begin(); at != json.end(); ++at) {
      if (!BytesFromJson(at.value(), value[at.key()])) return false;
    }
    return true;
  }

  const Json& json_;
  std::string wrong_;
};

}  // namespace onggi::record
