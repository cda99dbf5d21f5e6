#include "image/layer/whiteout.h"

#include "base/strings.h"

namespace onggi {
namespace {

constexpr std::string_view kAufsPrefix = ".wh..wh.";

// Calls VISIT with each component but "" and "."; stops when it answers false.
template <typename Visit>
void ForEachComponent(std::string_view path, Visit visit) {
  while (!path.empty()) {
    size_t slash = path.find('/');
    std::string_view component = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (component.empty() || component == ".") continue;
    if (!visit(component)) return;
  }
}

Error Bad(std::string_view path, std::string_view why) {
  return InvalidArgument("entry " + Quote(path.substr(0, 200)) + ": " + std::string(why));
}

}  // namespace

Result<> CheckLayerPath(std::string_view path) {
  if (path.empty()) return Bad(path, "empty name");
  if (path.find('\0') != std::string_view::npos) return Bad(path, "NUL in the name");
  bool climbs = false;
  ForEachComponent(path, [&](std::string_view component) {
    climbs = component == "..";
    return !climbs;
  });
  if (climbs) return Bad(path, "\"..\" in the name");
  return Ok();
}

Result<EntryName> ClassifyEntryName(std::string_view path) {
  TRY(CheckLayerPath(path));
  // Almost every name: no allocation.
  if (path.find(kWhiteoutPrefix) == std::string_view::npos) return EntryName{};
  EntryName name;
  std::string_view base;
  std::string_view first;
  bool inside_whiteout = false;
  size_t count = 0;
  ForEachComponent(path, [&](std::string_view component) {
    inside_whiteout = inside_whiteout || base.starts_with(kWhiteoutPrefix);
    base = component;
    if (count++ == 0) first = component;
    return true;
  });
  if (first.starts_with(kAufsPrefix) && first != kOpaqueName) {
    name.kind = EntryName::Kind::kIgnored;
    return name;
  }
  if (inside_whiteout) return Bad(path, "a whiteout has no children");
  if (!base.starts_with(kWhiteoutPrefix)) return name;
  std::string_view parent = path.substr(0, base.data() - path.data());
  if (base == kOpaqueName) {
    name.kind = EntryName::Kind::kOpaque;
    name.path = parent.empty() ? "." : parent;
    return name;
  }
  std::string_view target = base.substr(kWhiteoutPrefix.size());
  if (target.empty() || target == "." || target == ".." || target.starts_with(kWhiteoutPrefix)) {
    return Bad(path, "not the name of a whiteout");
  }
  name.kind = EntryName::Kind::kWhiteout;
  name.path = parent;
  name.path += target;
  return name;
}

}  // namespace onggi
