// Choosing an image's platform: names as Go spells them, with the aliases that tools write, and
// variants that run on a later one (arm v7 runs v6; amd64 v3 runs v2).
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/image.h"

namespace onggi {

// "linux/arm64/v8", "arm64", "x86_64". InvalidArgument otherwise.
Result<Platform> ParsePlatform(std::string_view text);

// Aliases replaced, default variants dropped or filled in: what comparisons are made on.
Platform NormalizePlatform(Platform platform);

// How well OFFERED runs on WANTED: 0 not at all, else the higher the better.
int PlatformRank(const Platform& wanted, const Platform& offered);

}  // namespace onggi
