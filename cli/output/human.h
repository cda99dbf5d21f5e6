// Sizes, ages and identifiers as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onggi::cli {

// Decimal units, three digits: "512B", "4.2kB", "77.9MB".
std::string HumanSize(uint64_t bytes);
// From NOW_NS back to THEN_NS: "3 seconds ago", "2 hours ago".
std::string HumanAge(int64_t then_ns, int64_t now_ns);
std::string HumanDuration(int64_t nanoseconds);
// The first 12 digits, without "sha256:".
std::string ShortId(std::string_view id);
// "docker.io/library/busybox:latest" -> "busybox:latest"
std::string FamiliarName(std::string_view reference);

}  // namespace onggi::cli
