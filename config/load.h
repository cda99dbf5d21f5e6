// Reading configuration files. The only user of yaml-cpp.
//
// A file is a YAML mapping of sections (docs/CONFIG.md). What it does not say keeps its default.
// After FILE come the drop-ins conf.d/*.yaml beside it, in the order of their names: a later value
// replaces an earlier one; mirrors and handlers are replaced host by host and name by name.
//
// Errors are InvalidArgument and name the place: "FILE:LINE: key a.b: expected X, found Y".
// Thread-safety: any thread. Blocks on disk.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"

namespace onggi {

inline constexpr char kDefaultConfigFile[] = "/etc/onggi/config.yaml";

// FILE and its drop-ins over the defaults. With MUST_EXIST unset an absent FILE is no error.
Result<Config> LoadConfig(const std::string& file, bool must_exist);

// Puts what TEXT says into CONFIG; NAME stands for the file in errors. On an error CONFIG is
// partly changed.
Result<> ApplyConfigText(std::string_view text, const std::string& name, Config& config);

}  // namespace onggi
