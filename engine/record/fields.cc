#include "engine/record/fields.h"

namespace onggi::record {
namespace {

// Enough of UTF-8 to know that a JSON string will keep the bytes: well-formed sequences only.
bool IsUtf8(const std::string& text) {
  for (size_t i = 0; i < text.size();) {
    auto lead = static_cast<unsigned char>(text[i]);
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length == 0 || lead > 0xf4 || i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    if (length > 2) {  // overlong forms, surrogates, beyond U+10FFFF
      auto second = static_cast<unsigned char>(text[i + 1]);
      if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
          (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
        return false;
      }
    }
    i += length;
  }
  return true;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Json BytesToJson(const std::string& text) {
  if (IsUtf8(text)) return text;
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(text.size() * 2);
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  Json object = Json::object();
  object["hex"] = std::move(hex);
  return object;
}

bool BytesFromJson(const Json& json, std::string& text) {
  if (const auto* plain = json.get_ptr<const std::string*>()) {
    text = *plain;
    return true;
  }
  const Json& hex = JsonMember(json, "hex");
  const auto* digits = hex.get_ptr<const std::string*>();
  if (digits == nullptr || digits->size() % 2 != 0) return false;
  text.clear();
  for (size_t i = 0; i < digits->size(); i += 2) {
    int high = HexDigit((*digits)[i]), low = HexDigit((*digits)[i + 1]);
    if (high < 0 || low < 0) return false;
    text += static_cast<char>(high * 16 + low);
  }
  return true;
}

}  // namespace onggi::record
