// PruneFilter: which images a prune may take: "until=TIME", "label=KEY[=VALUE]",
// "label!=KEY[=VALUE]"; all must hold. TIME is RFC 3339 or a duration before now ("24h", "90m").
//
// Thread-safety: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/image.h"

namespace onggi {

class PruneFilter {
 public:
  // InvalidArgument for a filter that is none of these.
  static Result<PruneFilter> Parse(const std::vector<std::string>& filters);
  bool Matches(const Image& image) const;

 private:
  struct Label {
    std::string key;
    std::optional<std::string> value;
    bool wanted = true;
  };
  std::vector<Label> labels_;
  std::optional<int64_t> until_s_;
};

// Seconds since 1970 of "2024-05-01T10:00:00.5+02:00"; nothing when it is no such time.
std::optional<int64_t> ParseRfc3339(std::string_view text);

}  // namespace onggi
