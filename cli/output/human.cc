#include "cli/output/human.h"

#include <cstdio>
#include <utility>

namespace onggi::cli {

std::string HumanSize(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  char text[32];
  const char* format = unit == 0 || value >= 99.95 ? "%.0f%s" : "%.1f%s";
  (void)snprintf(text, sizeof text, format, value, kUnits[unit]);
  return text;
}

std::string HumanDuration(int64_t nanoseconds) {
  int64_t seconds = nanoseconds / 1'000'000'000;
  static constexpr std::pair<int64_t, const char*> kUnits[] = {
      {365 * 86400, "year"}, {30 * 86400, "month"}, {7 * 86400, "week"},
      {86400, "day"},        {3600, "hour"},        {60, "minute"},
  };
  for (const auto& [length, name] : kUnits) {
    if (seconds >= length) {
      int64_t count = seconds / length;
      return std::to_string(count) + " " + name + (count == 1 ? "" : "s");
    }
  }
  if (seconds < 1) return "less than a second";
  return std::to_string(seconds) + " second" + (seconds == 1 ? "" : "s");
}

std::string HumanAge(int64_t then_ns, int64_t now_ns) {
  if (then_ns <= 0) return "N/A";
  return HumanDuration(now_ns - then_ns) + " ago";
}

std::string ShortId(std::string_view id) {
  if (id.substr(0, 7) == "sha256:") id.remove_prefix(7);
  return std::string(id.substr(0, 12));
}

std::string FamiliarName(std::string_view reference) {
  constexpr std::string_view kLibrary = "docker.io/library/";
  constexpr std::string_view kHub = "docker.io/";
  if (reference.substr(0, kLibrary.size()) == kLibrary) reference.remove_prefix(kLibrary.size());
  if (reference.substr(0, kHub.size()) == kHub) reference.remove_prefix(kHub.size());
  return std::string(reference);
}

}  // namespace onggi::cli
