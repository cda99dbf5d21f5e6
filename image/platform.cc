#include "image/platform.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "image/image.h"

namespace onggi {
namespace {

struct Alias {
  std::string_view name;
  std::string_view architecture;
  std::string_view variant;
};
// What uname and build tools say, and GOARCH with its default variant.
constexpr std::array<Alias, 16> kAliases{{
    {"x86_64", "amd64", ""},
    {"x86-64", "amd64", ""},
    {"i386", "386", ""},
    {"i486", "386", ""},
    {"i586", "386", ""},
    {"i686", "386", ""},
    {"aarch64", "arm64", "v8"},
    {"arm64", "arm64", "v8"},
    {"armhf", "arm", "v7"},
    {"armel", "arm", "v6"},
    {"armv7l", "arm", "v7"},
    {"armv6l", "arm", "v6"},
    {"arm", "arm", "v7"},
    {"ppc64el", "ppc64le", ""},
    {"loong64", "loong64", ""},
    {"loongarch64", "loong64", ""},
}};

// "v7" -> 7, "8" -> 8, "" -> 0.
int VariantNumber(std::string_view variant) {
  if (variant.starts_with('v')) variant.remove_prefix(1);
  variant = variant.substr(0, variant.find('.'));
  return static_cast<int>(ParseUint(variant).value_or(0));
}

}  // namespace

Platform NormalizePlatform(Platform platform) {
  platform.os = ToLower(platform.os);
  platform.architecture = ToLower(platform.architecture);
  platform.variant = ToLower(platform.variant);
  for (const Alias& alias : kAliases) {
    if (platform.architecture != alias.name) continue;
    platform.architecture = alias.architecture;
    if (platform.variant.empty()) platform.variant = alias.variant;
    break;
  }
  if (platform.architecture == "arm64" && platform.variant == "8") platform.variant = "v8";
  if (platform.architecture == "amd64" && platform.variant == "v1") platform.variant.clear();
  return platform;
}

Platform HostPlatform() {
  utsname names{};
  std::string machine = uname(&names) == 0 ? names.machine : "";
  return NormalizePlatform({.os = "linux", .architecture = machine, .variant = ""});
}

std::string FormatPlatform(const Platform& platform) {
  std::string text = platform.os + "/" + platform.architecture;
  if (!platform.variant.empty()) text += "/" + platform.variant;
  return text;
}

Result<Platform> ParsePlatform(std::string_view text) {
  auto parts = Split(text, '/');
  for (std::string_view part : parts) {
    bool word = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '-' || c == '.';
    });
    if (!word) return InvalidArgument("invalid platform " + Quote(text));
  }
  if (parts.size() > 3) return InvalidArgument("invalid platform " + Quote(text));
  Platform platform{.os = "linux", .architecture = std::string(parts.back()), .variant = ""};
  if (parts.size() > 1) {
    platform.os = parts[0];
    platform.architecture = parts[1];
    if (parts.size() > 2) platform.variant = parts[2];
  }
  return NormalizePlatform(platform);
}

int PlatformRank(const Platform& wanted, const Platform& offered) {
  Platform want = NormalizePlatform(wanted);
  Platform have = NormalizePlatform(offered);
  if (want.os != have.os || want.architecture != have.architecture) return 0;
  int most = std::max(VariantNumber(want.variant), want.architecture == "amd64" ? 1 : 0);
  int needs = std::max(VariantNumber(have.variant), want.architecture == "amd64" ? 1 : 0);
  if (needs > most) return 0;
  return 1 + needs;
}

}  // namespace onggi
