#include "config/load.h"

#include <dirent.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/file_io.h"
#include "base/strings.h"
#include "config/keys.h"

namespace onggi {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;

// Where we are in a file, for errors.
struct Place {
  const std::string& file;
  YAML::Mark mark;
  std::string key;
};

Error Mismatch(const Place& place, std::string_view expected, const std::string& found) {
  std::string at = place.file;
  if (!place.mark.is_null()) at += ":" + std::to_string(place.mark.line + 1);
  std::string key = place.key.empty() ? "" : " key " + place.key + ":";
  return InvalidArgument(at + ":" + key + " expected " + std::string(expected) + ", found " +
                         found);
}

// What stands there, for people; never longer than a line.
std::string Describe(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return Quote(node.Scalar().substr(0, 80));
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a mapping";
    default:
      return "nothing";
  }
}

// One reader per type of field; PLACE names the key that NODE is the value of.
struct Reader {
  const ConfigKey& key;
  const YAML::Node& node;
  const Place& place;
  Config& config;

  Error Wrong(const YAML::Node& at) const {
    // An absent value stands nowhere; yaml-cpp would give the next line.
    YAML::Mark mark = at.IsNull() ? place.mark : at.Mark();
    return Mismatch({place.file, mark, place.key}, key.expected, Describe(at));
  }

  Result<> operator()(ConfigField<std::string> field) const {
    if (!node.IsScalar() || (key.valid != nullptr && !key.valid(node.Scalar()))) return Wrong(node);
    field(config) = node.Scalar();
    return Ok();
  }

  Result<> operator()(ConfigField<bool> field) const {
    // Only the two words, and only unquoted: "no" and "off" mean different things to different
    // YAMLs.
    bool is_word = node.IsScalar() && node.Tag() != "!";
    if (!is_word || (node.Scalar() != "true" && node.Scalar() != "false")) return Wrong(node);
    field(config) = node.Scalar() == "true";
    return Ok();
  }

  Result<> operator()(ConfigField<int64_t> field) const {
    if (!node.IsScalar() || node.Tag() == "!") return Wrong(node);
    auto number = ParseInt(node.Scalar());
    if (!number || *number < key.min || *number > key.max) return Wrong(node);
    field(config) = *number;
    return Ok();
  }

  Result<> operator()(ConfigField<std::vector<std::string>> field) const {
    if (!node.IsSequence()) return Wrong(node);
    std::vector<std::string> items;
    for (const YAML::Node& item : node) {
      if (!item.IsScalar() || (key.valid != nullptr && !key.valid(item.Scalar()))) {
        return Wrong(item);
      }
      items.push_back(item.Scalar());
    }
    field(config) = std::move(items);
    return Ok();
  }

  Result<> operator()(ConfigField<MirrorMap> field) const;
  Result<> operator()(ConfigField<HandlerMap> field) const;
};

Result<MirrorEndpoint> ReadEndpoint(const YAML::Node& node, const Place& place) {
  MirrorEndpoint endpoint;
  if (node.IsScalar()) {
    endpoint.url = node.Scalar();
  } else if (node.IsMap()) {
    for (const auto& member : node) {
      std::string name = member.first.IsScalar() ? member.first.Scalar() : "";
      Place at{place.file, member.first.Mark(), place.key + "." + name};
      if (name == "url" && member.second.IsScalar()) {
        endpoint.url = member.second.Scalar();
      } else if (name == "skip_verify" && member.second.IsScalar() &&
                 (member.second.Scalar() == "true" || member.second.Scalar() == "false")) {
        endpoint.skip_verify = member.second.Scalar() == "true";
      } else {
        return Mismatch(at, "url: URL or skip_verify: true", Describe(member.second));
      }
    }
  }
  if (!IsEndpointUrl(endpoint.url)) {
    bool may_hold_a_password = endpoint.url.find('@') != std::string::npos;
    return Mismatch({place.file, node.Mark(), place.key},
                    "a URL of http:// or https:// without credentials",
                    may_hold_a_password ? "one with '@'" : Describe(node));
  }
  return endpoint;
}

Result<> Reader::operator()(ConfigField<MirrorMap> field) const {
  if (!node.IsMap()) return Wrong(node);
  for (const auto& entry : node) {
    if (!entry.first.IsScalar() || !IsMirrorHost(entry.first.Scalar())) {
      return Mismatch({place.file, entry.first.Mark(), place.key}, "a host like registry:5000",
                      Describe(entry.first));
    }
    const std::string& host = entry.first.Scalar();
    Place at{place.file, entry.second.Mark(), place.key + "." + host};
    if (!entry.second.IsSequence()) {
      return Mismatch(at, "a list of endpoints", Describe(entry.second));
    }
    std::vector<MirrorEndpoint> endpoints;
    for (const YAML::Node& item : entry.second) {
      TRY_ASSIGN(MirrorEndpoint endpoint, ReadEndpoint(item, at));
      endpoints.push_back(std::move(endpoint));
    }
    field(config)[host] = std::move(endpoints);
  }
  return Ok();
}

Result<HandlerConfig> ReadHandler(const YAML::Node& node, const Place& place) {
  HandlerConfig handler;
  if (!node.IsMap()) return Mismatch(place, "a mapping with path and type", Describe(node));
  for (const auto& member : node) {
    std::string name = member.first.IsScalar() ? member.first.Scalar() : "";
    std::string value = member.second.IsScalar() ? member.second.Scalar() : "";
    Place at{place.file, member.first.Mark(), place.key + "." + name};
    if (name == "path" && IsAbsolutePath(value)) {
      handler.path = value;
    } else if (name == "type" && value == "oci") {
      handler.type = value;
    } else if (name == "path" || name == "type") {
      return Mismatch(at, name == "path" ? "an absolute path" : "oci", Describe(member.second));
    } else {
      return Mismatch(at, "path or type", Quote(name));
    }
  }
  if (handler.path.empty()) return Mismatch(place, "a path", "none");
  return handler;
}

Result<> Reader::operator()(ConfigField<HandlerMap> field) const {
  if (!node.IsMap()) return Wrong(node);
  for (const auto& entry : node) {
    if (!entry.first.IsScalar() || !IsHandlerName(entry.first.Scalar())) {
      return Mismatch({place.file, entry.first.Mark(), place.key}, "a handler's name",
                      Describe(entry.first));
    }
    const std::string& name = entry.first.Scalar();
    Place at{place.file, entry.second.Mark(), place.key + "." + name};
    TRY_ASSIGN(HandlerConfig handler, ReadHandler(entry.second, at));
    field(config)[name] = std::move(handler);
  }
  return Ok();
}

const ConfigKey* FindKey(std::string_view path) {
  for (const ConfigKey& key : ConfigKeys()) {
    if (key.path == path) return &key;
  }
  return nullptr;
}

// The names that may stand directly below PREFIX ("" or "network."), in the table's order.
std::vector<std::string> NamesBelow(std::string_view prefix) {
  std::vector<std::string> names;
  for (const ConfigKey& key : ConfigKeys()) {
    if (key.path.substr(0, prefix.size()) != prefix) continue;
    std::string_view rest = key.path.substr(prefix.size());
    std::string name(rest.substr(0, rest.find('.')));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

// The sections are at most three deep (the table's paths), so this recursion is bounded whatever
// the file holds, aliases included.
Result<> ApplySection(const YAML::Node& section, const std::string& prefix, const std::string& file,
                      Config& config) {
  std::vector<std::string> known = NamesBelow(prefix);
  std::set<std::string> seen;
  for (const auto& member : section) {
    std::string name = member.first.IsScalar() ? member.first.Scalar() : "";
    Place place{file, member.first.Mark(), prefix + Quote(name).substr(1, Quote(name).size() - 2)};
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Mismatch(place, "one of the keys " + Join(known, ", "), Describe(member.first));
    }
    if (!seen.insert(name).second) {
      return Mismatch(place, "the key once", "it a second time");
    }
    const ConfigKey* key = FindKey(place.key);
    if (key != nullptr) {
      TRY(std::visit(Reader{*key, member.second, place, config}, key->field));
    } else if (member.second.IsMap()) {
      TRY(ApplySection(member.second, place.key + ".", file, config));
    } else if (!member.second.IsNull()) {
      // A section whose keys are all commented out is null, and fine.
      return Mismatch(place, "a mapping of " + Join(NamesBelow(place.key + "."), ", "),
                      Describe(member.second));
    }
  }
  return Ok();
}

Result<> ApplyDocument(std::string_view text, const std::string& name, Config& config) {
  std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
  if (documents.size() > 1) {
    return Mismatch({name, documents[1].Mark(), ""}, "one YAML document",
                    std::to_string(documents.size()));
  }
  if (documents.empty() || documents[0].IsNull()) return Ok();
  if (!documents[0].IsMap()) {
    return Mismatch({name, documents[0].Mark(), ""}, "a mapping of keys", Describe(documents[0]));
  }
  return ApplySection(documents[0], "", name, config);
}

// Names of DIRECTORY/*.yaml in order; none when there is no such directory.
Result<std::vector<std::string>> DropIns(const std::string& directory) {
  std::vector<std::string> files;
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory.c_str()), closedir);
  if (!dir) {
    if (errno == ENOENT || errno == ENOTDIR) return files;
    return SysError("open " + directory);
  }
  while (const dirent* entry = readdir(dir.get())) {
    std::string name = entry->d_name;
    bool is_yaml = name.size() > 5 && name.substr(name.size() - 5) == ".yaml" && name[0] != '.';
    if (is_yaml) files.push_back(directory + "/" + name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<> ApplyConfigText(std::string_view text, const std::string& name, Config& config) {
  // yaml-cpp throws for text that is no YAML, and this is its only catcher.
  try {
    return ApplyDocument(text, name, config);
  } catch (const YAML::Exception& problem) {
    return Mismatch({name, problem.mark, ""}, "YAML", problem.msg);
  } catch (const std::exception& problem) {
    return Mismatch({name, YAML::Mark::null_mark(), ""}, "YAML", problem.what());
  }
}

Result<Config> LoadConfig(const std::string& file, bool must_exist) {
  Config config;
  std::vector<std::string> files;
  if (must_exist || PathExists(file)) files.push_back(file);
  size_t slash = file.rfind('/');
  std::string directory = slash == std::string::npos ? "." : file.substr(0, slash);
  TRY_ASSIGN(std::vector<std::string> drop_ins, DropIns(directory + "/conf.d"));
  files.insert(files.end(), drop_ins.begin(), drop_ins.end());
  for (const std::string& name : files) {
    TRY_ASSIGN(std::string text, ReadFile(name, kMaxFileBytes));
    TRY(ApplyConfigText(text, name, config));
  }
  return config;
}

}  // namespace onggi
