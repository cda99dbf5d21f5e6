#include "image/prune_filter.h"

#include <time.h>

#include "base/clock.h"
#include "base/strings.h"

namespace onggi {
namespace {

std::optional<int64_t> ParseDuration(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86400;
      break;
    default:
      return std::nullopt;
  }
  auto count = ParseUint(text.substr(0, text.size() - 1));
  if (!count || *count > 1'000'000'000) return std::nullopt;
  return static_cast<int64_t>(*count) * unit;
}

// "Z", "+02:00", "-0330", "": seconds east of Greenwich.
std::optional<int64_t> ParseZone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  auto hours = ParseUint(text.substr(1, 2));
  std::string_view rest = text.substr(std::min<size_t>(3, text.size()));
  if (rest.starts_with(':')) rest.remove_prefix(1);
  auto minutes = ParseUint(rest);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  int64_t seconds = static_cast<int64_t>(*hours) * 3600 + static_cast<int64_t>(*minutes) * 60;
  return text.front() == '-' ? -seconds : seconds;
}

}  // namespace

std::optional<int64_t> ParseRfc3339(std::string_view text) {
  tm fields{};
  std::string copy(text);
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &fields);
  if (rest == nullptr) return std::nullopt;
  std::string_view tail(rest);
  if (tail.starts_with('.')) {
    size_t end = tail.find_first_not_of("0123456789", 1);
    tail = end == std::string_view::npos ? "" : tail.substr(end);
  }
  auto zone = ParseZone(tail);
  if (!zone) return std::nullopt;
  return int64_t{timegm(&fields)} - *zone;
}

Result<PruneFilter> PruneFilter::Parse(const std::vector<std::string>& filters) {
  PruneFilter filter;
  for (const std::string& text : filters) {
    bool negated = text.starts_with("label!=");
    if (negated || text.starts_with("label=")) {
      std::string_view rest = std::string_view(text).substr(negated ? 7 : 6);
      size_t equals = rest.find('=');
      Label label{.key = std::string(rest.substr(0, equals)), .wanted = !negated};
      if (equals != std::string_view::npos) label.value = std::string(rest.substr(equals + 1));
      filter.labels_.push_back(std::move(label));
      continue;
    }
    std::string_view time = std::string_view(text).substr(text.starts_with("until=") ? 6 : 0);
    auto ago = ParseDuration(time);
    filter.until_s_ = ago ? WallNanos() / 1'000'000'000 - *ago : ParseRfc3339(time);
    if (!text.starts_with("until=") || !filter.until_s_) {
      return InvalidArgument("filter " + Quote(text) +
                             ": until=TIME, label=KEY[=VALUE] or label!=KEY[=VALUE] expected");
    }
  }
  return filter;
}

bool PruneFilter::Matches(const Image& image) const {
  for (const Label& label : labels_) {
    auto found = image.config.labels.find(label.key);
    bool has =
        found != image.config.labels.end() && (!label.value || found->second == *label.value);
    if (has != label.wanted) return false;
  }
  if (!until_s_) return true;
  auto created = ParseRfc3339(image.config.created);
  return created && *created < *until_s_;
}

}  // namespace onggi
