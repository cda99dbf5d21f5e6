#include "config/print.h"

#include "base/json.h"
#include "base/strings.h"
#include "config/keys.h"

namespace onggi {
namespace {

// A YAML scalar: JSON's quoting is YAML's, so text can't be taken for a number, a bool or a tag.
std::string Scalar(const std::string& text) {
  return DumpJson(Json(text));
}

// The value of one key as it stands behind "key:", INDENT being the key's own.
struct Printer {
  Config& config;
  std::string indent;

  std::string operator()(ConfigField<std::string> field) const {
    return " " + Scalar(field(config));
  }
  std::string operator()(ConfigField<bool> field) const {
    return field(config) ? " true" : " false";
  }
  std::string operator()(ConfigField<int64_t> field) const {
    return " " + std::to_string(field(config));
  }
  std::string operator()(ConfigField<std::vector<std::string>> field) const {
    std::vector<std::string> items;
    for (const std::string& item : field(config)) items.push_back(Scalar(item));
    return " [" + Join(items, ", ") + "]";
  }
  std::string operator()(ConfigField<MirrorMap> field) const {
    if (field(config).empty()) return " {}";
    std::string text;
    for (const auto& [host, endpoints] : field(config)) {
      std::vector<std::string> items;
      for (const MirrorEndpoint& endpoint : endpoints) {
        items.push_back(endpoint.skip_verify
                            ? "{url: " + Scalar(endpoint.url) + ", skip_verify: true}"
                            : Scalar(endpoint.url));
      }
      text += "\n" + indent + "  " + Scalar(host) + ": [" + Join(items, ", ") + "]";
    }
    return text;
  }
  std::string operator()(ConfigField<HandlerMap> field) const {
    if (field(config).empty()) return " {}";
    std::string text;
    for (const auto& [name, handler] : field(config)) {
      text += "\n" + indent + "  " + Scalar(name) + ": {path: " + Scalar(handler.path) +
              ", type: " + Scalar(handler.type) + "}";
    }
    return text;
  }
};

struct JsonPrinter {
  Config& config;

  Json operator()(ConfigField<MirrorMap> field) const {
    Json json = Json::object();
    for (const auto& [host, endpoints] : field(config)) {
      json[host] = Json::array();
      for (const MirrorEndpoint& endpoint : endpoints) {
        json[host].push_back({{"url", endpoint.url}, {"skip_verify", endpoint.skip_verify}});
      }
    }
    return json;
  }
  Json operator()(ConfigField<HandlerMap> field) const {
    Json json = Json::object();
    for (const auto& [name, handler] : field(config)) {
      json[name] = {{"path", handler.path}, {"type", handler.type}};
    }
    return json;
  }
  template <typename T>
  Json operator()(ConfigField<T> field) const {
    return field(config);
  }
};

std::string Comment(std::string_view help, const std::string& indent) {
  std::string text;
  for (std::string_view line : Split(help, '\n')) text += indent + "# " + std::string(line) + "\n";
  return text;
}

}  // namespace

std::string PrintConfig(const Config& config) {
  Config values = config;  // fields are reached through non-const functions
  std::string text =
      "# Configuration of onggid. Every key is optional; what stands here is in force.\n"
      "# Files in conf.d/*.yaml beside this one are read after it, in the order of their names.\n";
  std::vector<std::string> open;  // sections that the last key was in
  for (const ConfigKey& key : ConfigKeys()) {
    std::vector<std::string> parts;
    for (std::string_view part : Split(key.path, '.')) parts.emplace_back(part);
    std::string name = parts.back();
    parts.pop_back();
    size_t same = 0;
    while (same < open.size() && same < parts.size() && open[same] == parts[same]) ++same;
    text += "\n";
    for (size_t i = same; i < parts.size(); ++i) {
      text += std::string(2 * i, ' ') + parts[i] + ":\n";
    }
    open = parts;
    std::string indent(2 * parts.size(), ' ');
    text += Comment(key.help, indent) + indent + name + ":" +
            std::visit(Printer{values, indent}, key.field) + "\n";
  }
  return text;
}

std::string ConfigJson(const Config& config) {
  Config values = config;
  Json json = Json::object();
  for (const ConfigKey& key : ConfigKeys()) {
    json[std::string(key.path)] = std::visit(JsonPrinter{values}, key.field);
  }
  return DumpJson(json);
}

std::string PrintConfigReference() {
  Config defaults;
  std::string text = "| key | default | holds | meaning |\n|---|---|---|---|\n";
  for (const ConfigKey& key : ConfigKeys()) {
    std::string help;
    for (char c : key.help) help += c == '\n' ? std::string(" ") : std::string(1, c);
    text += "| `" + std::string(key.path) + "` | `" +
            std::string(Trim(std::visit(Printer{defaults, ""}, key.field))) + "` | " +
            std::string(key.expected) + " | " + help + " |\n";
  }
  return text;
}

}  // namespace onggi
