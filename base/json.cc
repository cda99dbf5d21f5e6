#include "base/json.h"

#include <limits>

namespace onggi {
namespace {

// Accepts what nlohmann's parser reports; kept to count depth and to learn where it stopped.
class LimitedReader : public nlohmann::json_sax<Json> {
 public:
  LimitedReader(Json& out, int max_depth) : dom_(out, false), max_depth_(max_depth) {}

  bool null() override { return dom_.null(); }
  bool boolean(bool v) override { return dom_.boolean(v); }
  bool number_integer(number_integer_t v) override { return dom_.number_integer(v); }
  bool number_unsigned(number_unsigned_t v) override { return dom_.number_unsigned(v); }
  bool number_float(number_float_t v, const string_t& s) override {
    return dom_.number_float(v, s);
  }
  bool string(string_t& v) override { return dom_.string(v); }
  bool binary(binary_t& v) override { return dom_.binary(v); }
  bool key(string_t& v) override { return dom_.key(v); }
  bool start_object(size_t n) override { return Enter() && dom_.start_object(n); }
  bool end_object() override {
    --depth_;
    return dom_.end_object();
  }
  bool start_array(size_t n) override { return Enter() && dom_.start_array(n); }
  bool end_array() override {
    --depth_;
    return dom_.end_array();
  }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_ = "not JSON at byte " + std::to_string(position);
    return false;
  }

  const std::string& error() const { return error_; }

 private:
  bool Enter() {
    if (++depth_ <= max_depth_) return true;
    error_ = "nested deeper than " + std::to_string(max_depth_);
    return false;
  }

  nlohmann::detail::json_sax_dom_parser<Json> dom_;
  int max_depth_;
  int depth_ = 0;
  std::string error_;
};

Error WrongType(std::string_view key, std::string_view expected, const Json& found) {
  return InvalidArgument(std::string(key) + ": expected " + std::string(expected) + ", found " +
                         found.type_name());
}

}  // namespace

Result<Json> ParseJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    return InvalidArgument("JSON of " + std::to_string(text.size()) + " bytes, at most " +
                           std::to_string(limits.bytes) + " are read");
  }
  Json out;
  LimitedReader reader(out, limits.depth);
  if (!Json::sax_parse(text.begin(), text.end(), &reader)) {
    return InvalidArgument(reader.error().empty() ? "not JSON" : reader.error());
  }
  return out;
}

std::string DumpJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string DumpJson(const OrderedJson& json, int indent) {
  return json.dump(indent, ' ', false, OrderedJson::error_handler_t::replace);
}

const Json& JsonMember(const Json& object, std::string_view key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  auto found = object.find(std::string(key));
  return found == object.end() ? kNull : *found;
}

Result<std::string> JsonString(const Json& object, std::string_view key, std::string fallback) {
  const Json& member = JsonMember(object, key);
  if (member.is_null()) return fallback;
  if (!member.is_string()) return WrongType(key, "a string", member);
  return member.get_ref<const std::string&>();
}

Result<bool> JsonBool(const Json& object, std::string_view key, bool fallback) {
  const Json& member = JsonMember(object, key);
  if (member.is_null()) return fallback;
  if (!member.is_boolean()) return WrongType(key, "true or false", member);
  return member.get<bool>();
}

Result<int64_t> JsonInt(const Json& object, std::string_view key, int64_t fallback) {
  const Json& member = JsonMember(object, key);
  if (member.is_null()) return fallback;
  if (!member.is_number_integer()) return WrongType(key, "a whole number", member);
  if (member.is_number_unsigned() &&
      member.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return InvalidArgument(std::string(key) + ": number too large");
  }
  return member.get<int64_t>();
}

Result<uint64_t> JsonUint(const Json& object, std::string_view key, uint64_t fallback) {
  const Json& member = JsonMember(object, key);
  if (member.is_null()) return fallback;
  if (!member.is_number_unsigned()) {
    // Built documents hold small numbers as signed ones.
    if (member.is_number_integer() && member.get<int64_t>() >= 0) {
      return static_cast<uint64_t>(member.get<int64_t>());
    }
    return WrongType(key, "a whole number of 0 or more", member);
  }
  return member.get<uint64_t>();
}

Result<std::vector<std::string>> JsonStrings(const Json& object, std::string_view key) {
  TRY_ASSIGN(Json array, JsonArray(object, key));
  std::vector<std::string> out;
  out.reserve(array.size());
  for (const Json& element : array) {
    if (!element.is_string()) return WrongType(key, "an array of strings", element);
    out.push_back(element.get_ref<const std::string&>());
  }
  return out;
}

Result<std::map<std::string, std::string>> JsonStringMap(const Json& object, std::string_view key) {
  TRY_ASSIGN(Json map, JsonObject(object, key));
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : map.items()) {
    if (!value.is_string()) return WrongType(key, "an object of strings", value);
    out.emplace(name, value.get_ref<const std::string&>());
  }
  return out;
}

Result<Json> JsonArray(const Json& object, std::string_view key) {
  const Json& member = JsonMember(object, key);
  if (member.is_null()) return Json::array();
  if (!member.is_array()) return WrongType(key, "an array", member);
  return member;
}

Result<Json> JsonObject(const Json& object, std::string_view key) {
  const Json& member = JsonMember(object, key);
  if (member.is_null()) return Json::object();
  if (!member.is_object()) return WrongType(key, "an object", member);
  return member;
}

}  // namespace onggi
