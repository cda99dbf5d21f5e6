// Plugin: one step of a network's chain, in-process or a CNI program.
//
// Thread-safety: const methods from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "network/network.h"

namespace onggi {

struct PluginCall {
  const PodNetworkRequest& pod;
  std::string interface_name;  // "eth0"
  const Json& config;          // the plugin's own, with cniVersion, name and runtimeConfig
  const Json& previous;        // result of the plugin before, or null
};

class Plugin {
 public:
  virtual ~Plugin() = default;
  // The CNI result after this step.
  virtual Result<Json> Add(const PluginCall& call) const = 0;
  // Idempotent; the namespace may be gone.
  virtual Result<> Delete(const PluginCall& call) const = 0;
  virtual Result<> Check(const PluginCall& call) const = 0;
};

// A CNI program found in BIN_DIRS. FailedPrecondition naming the directories when it is in none.
Result<std::unique_ptr<Plugin>> FindExternalPlugin(const std::string& type,
                                                   const std::vector<std::string>& bin_dirs,
                                                   std::chrono::seconds timeout);

}  // namespace onggi
