// Small text operations that <string> lacks. No locale, no allocation beyond the result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onggi {

// "a,,b" -> {"a", "", "b"}; "" -> {""}.
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view Trim(std::string_view text);  // blanks, tabs, CR, LF on both sides
std::string ToLower(std::string_view text);    // ASCII only

// Whole text must be digits (an optional '-' for ParseInt): no sign, blank, prefix or overflow
// passes.
std::optional<uint64_t> ParseUint(std::string_view text);
std::optional<int64_t> ParseInt(std::string_view text);

// "'name'" with control bytes escaped: text from outside, made safe for one line of a log or an
// error.
std::string Quote(std::string_view text);

}  // namespace onggi
