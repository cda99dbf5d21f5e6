// Plugin: one step of a network's chain, in-process or a CNI program.
//
// Thread-safety: const methods from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "network/builtin/netlink.h"
#include "network/network.h"

namespace onggi {

// The pod's end: its namespace, entered once for all steps of an attach.
struct PodSide {
  UniqueFd netns;
  Netlink netlink;  // a socket inside
};

struct PluginCall {
  const PodNetworkRequest& pod;
  std::string interface_name;  // "eth0"
  const Json& config;          // the plugin's own, with cniVersion, name and runtimeConfig
  const Json& previous;        // result of the plugin before, or null
  PodSide* inside = nullptr;   // with Add only
};

class Plugin {
 public:
  virtual ~Plugin() = default;
  // The CNI result after this step.
  virtual Result<Json> Add(const PluginCall& call) const = 0;
  // Idempotent; the namespace may be gone.
  virtual Result<> Delete(const PluginCall& call) const = 0;
  virtual Result<> Check(const PluginCall& call) const = 0;

  // Whether it could add a pod now. CONFIG as in PluginCall, without a pod.
  virtual Result<> Status(const Json& config) const = 0;
  // Frees what belongs to none of VALID, pairs of pod id and interface name.
  using Attachments = std::vector<std::pair<std::string, std::string>>;
  virtual Result<> CollectGarbage(const Json& config, const Attachments& valid) const = 0;
};

struct ProgramOptions {
  std::vector<std::string> bin_dirs;
  std::chrono::seconds timeout{60};
};
// The CNI program TYPE of the first directory that has it. FailedPrecondition naming the
// directories when none has.
Result<std::unique_ptr<Plugin>> FindExternalPlugin(const std::string& type,
                                                   const ProgramOptions& options);

}  // namespace onggi
