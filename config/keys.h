// The table of all configuration keys: where each lives in Config, what it may hold, and what it
// means to people. load.cc reads by it, default.cc prints by it.
//
// Thread-safety: constant data.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.h"

namespace onggi {

template <typename T>
using ConfigField = T& (*)(Config&);

struct ConfigKey {
  std::string_view path;      // "network.cni.conf_dir"
  std::string_view expected;  // ends "expected ..." in an error: "an absolute path"
  std::string_view help;      // lines for people, without "#"
  std::variant<ConfigField<std::string>, ConfigField<bool>, ConfigField<int64_t>,
               ConfigField<std::vector<std::string>>, ConfigField<MirrorMap>,
               ConfigField<HandlerMap>>
      field;
  // Of a text, and of each text in a list.
  bool (*valid)(std::string_view) = nullptr;
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
};

// In the order in which people read them; keys of one section stand together.
std::span<const ConfigKey> ConfigKeys();

// Paths of the keys that differ.
std::vector<std::string> ChangedKeys(const Config& a, const Config& b);

// Grammar of what stands inside mirrors and handlers.
bool IsAbsolutePath(std::string_view text);
bool IsMirrorHost(std::string_view text);   // "registry.example:5000"
bool IsEndpointUrl(std::string_view text);  // "http://..." or "https://..." with a host
bool IsHandlerName(std::string_view text);  // letters, digits, '-', '.', '_'

}  // namespace onggi
