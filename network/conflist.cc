#include "network/conflist.h"

#include <algorithm>
#include <filesystem>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxConflist = 1 << 20;
constexpr std::string_view kVersions[] = {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"};

Result<> CheckPlugin(const Json& plugin) {
  if (!plugin.is_object()) return InvalidArgument("a plugin is not an object");
  TRY_ASSIGN(std::string type, JsonString(plugin, "type"));
  // The type becomes a file name (CVE-2021-20206).
  if (type.empty() || type.find('/') != std::string::npos || type[0] == '.') {
    return InvalidArgument("plugin type " + Quote(type) + " is not a plain name");
  }
  return Ok();
}

Result<Conflist> Parse(const std::string& text) {
  Conflist list;
  TRY_ASSIGN(list.whole, ParseJson(text, {.bytes = kMaxConflist}));
  TRY_ASSIGN(list.name, JsonString(list.whole, "name"));
  TRY_ASSIGN(list.cni_version, JsonString(list.whole, "cniVersion", "0.3.1"));
  TRY_ASSIGN(list.disable_check, JsonBool(list.whole, "disableCheck"));
  if (list.name.empty() || list.name.find('/') != std::string::npos || list.name[0] == '.') {
    return InvalidArgument("name: expected a plain name, found " + Quote(list.name));
  }
  if (std::find(std::begin(kVersions), std::end(kVersions), list.cni_version) ==
      std::end(kVersions)) {
    return InvalidArgument("cniVersion: expected 0.3.0 to 1.1.0, found " + Quote(list.cni_version));
  }
  if (JsonMember(list.whole, "plugins").is_null()) {
    list.plugins.push_back(list.whole);
  } else {
    TRY_ASSIGN(Json plugins, JsonArray(list.whole, "plugins"));
    for (const Json& plugin : plugins) list.plugins.push_back(plugin);
  }
  if (list.plugins.empty()) return InvalidArgument("plugins: the list is empty");
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

Result<std::vector<Conflist>> LoadConflists(const std::string& directory,
                                            std::vector<std::string>& problems) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    std::string extension = entry.path().extension().string();
    if (extension == ".conflist" || extension == ".conf" || extension == ".json")
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  std::vector<Conflist> lists;
  for (const std::string& file : files) {
    auto text = ReadFile(file, kMaxConflist);
    auto list =
        text.has_value() ? ParseConflist(*text, file) : Result<Conflist>(std::move(text).error());
    if (list.has_value()) {
      lists.push_back(std::move(list).value());
    } else {
      problems.push_back(list.error().message());
    }
  }
  return lists;
}

}  // namespace onggi
