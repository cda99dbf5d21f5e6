#include "network/conflist.h"

#include <algorithm>
#include <iterator>

#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxConflist = 1 << 20;
constexpr size_t kMaxPlugins = 32;
constexpr std::string_view kVersions[] = {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"};

// Place in kVersions, -1 for an unknown one.
int Rank(const std::string& version) {
  auto at = std::find(std::begin(kVersions), std::end(kVersions), version);
  return at == std::end(kVersions) ? -1 : static_cast<int>(at - std::begin(kVersions));
}

// What becomes a file name or part of one (CVE-2021-20206).
bool IsPlainName(const std::string& name) {
  if (name.empty() || name.size() > 255 || name[0] == '.') return false;
  for (char c : name) {
    if (c == '/' || static_cast<unsigned char>(c) <= ' ' || c == 0x7f) return false;
  }
  return true;
}

Result<> CheckPlugin(const Json& plugin) {
  if (!plugin.is_object()) return InvalidArgument("a plugin is not an object");
  TRY_ASSIGN(std::string type, JsonString(plugin, "type"));
  if (!IsPlainName(type)) {
    return InvalidArgument("plugin type " + Quote(type) + " is not a plain name");
  }
  return Ok();
}

Result<std::string> ChooseVersion(const Json& whole) {
  TRY_ASSIGN(std::string version, JsonString(whole, "cniVersion", "0.3.1"));
  TRY_ASSIGN(std::vector<std::string> offered, JsonStrings(whole, "cniVersions"));
  for (const std::string& other : offered) {
    if (Rank(other) > Rank(version)) version = other;
  }
  if (Rank(version) >= 0) return version;
  return InvalidArgument("cniVersion: expected 0.3.0 to 1.1.0, found " + Quote(version));
}

Result<Conflist> Parse(const std::string& text) {
  Conflist list;
  TRY_ASSIGN(list.whole, ParseJson(text, {.bytes = kMaxConflist}));
  TRY_ASSIGN(list.name, JsonString(list.whole, "name"));
  TRY_ASSIGN(list.cni_version, ChooseVersion(list.whole));
  TRY_ASSIGN(list.disable_check, JsonBool(list.whole, "disableCheck"));
  if (!IsPlainName(list.name))
    return InvalidArgument("name: expected a plain name, found " + Quote(list.name));
  if (JsonMember(list.whole, "plugins").is_null()) {
    list.plugins.push_back(list.whole);
  } else {
    TRY_ASSIGN(Json plugins, JsonArray(list.whole, "plugins"));
    for (const Json& plugin : plugins) list.plugins.push_back(plugin);
  }
  if (list.plugins.empty() || list.plugins.size() > kMaxPlugins)
    return InvalidArgument("plugins: expected 1 to " + std::to_string(kMaxPlugins));
  for (const Json& plugin : list.plugins) TRY(CheckPlugin(plugin));
  return list;
}

}  // namespace

Result<Conflist> ParseConflist(const std::string& text, const std::string& file) {
  auto list = Parse(text);
  if (!list.has_value())
    return std::move(list).error().Wrap(file.empty() ? "default network" : file);
  list->file = file;
  return list;
}

bool IsCniVersionAtLeast(const std::string& version, const std::string& least) {
  return Rank(version) >= Rank(least);
}

}  // namespace onggi
