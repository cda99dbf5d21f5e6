// Configuration as text: what `onggid config default` and `onggid config check` show.
//
// Thread-safety: any thread.
#pragma once

#include <string>

#include "config/config.h"

namespace onggi {

// A whole file: every key with its value, each below a comment that says what it means. Reading it
// gives CONFIG again.
std::string PrintConfig(const Config& config);

// One JSON object with the keys' paths as names ("network.cni.conf_dir"), for verbose status.
// Nothing secret stands in a configuration.
std::string ConfigJson(const Config& config);

// docs/CONFIG.md's table of keys.
std::string PrintConfigReference();

}  // namespace onggi
