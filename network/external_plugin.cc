#include <unistd.h>

#include "base/child_process.h"
#include "base/strings.h"
#include "network/plugin.h"

namespace onggi {
namespace {

constexpr size_t kMaxOutput = 1 << 20;

class ExternalPlugin : public Plugin {
 public:
  ExternalPlugin(std::string path, std::string search_path, std::chrono::seconds timeout)
      : path_(std::move(path)), search_path_(std::move(search_path)), timeout_(timeout) {}

  Result<Json> Add(const PluginCall& call) const override {
    TRY_ASSIGN(std::string out, Run("ADD", call));
    return ParseJson(out, {.bytes = kMaxOutput}).Wrap(path_ + " ADD: result");
  }
  Result<> Delete(const PluginCall& call) const override {
    TRY(Run("DEL", call));
    return Ok();
  }
  Result<> Check(const PluginCall& call) const override {
    TRY(Run("CHECK", call));
    return Ok();
  }

 private:
  Result<std::string> Run(const std::string& command, const PluginCall& call) const {
    Json config = call.config;
    if (!call.previous.is_null()) config["prevResult"] = call.previous;
    const PodNetworkRequest& pod = call.pod;
    CommandOptions options;
    options.argv = {path_};
    // The whole environment: nothing of the daemon's reaches a plugin.
    options.env = {"CNI_COMMAND=" + command,
                   "CNI_CONTAINERID=" + pod.pod_id,
                   "CNI_NETNS=" + pod.netns_path,
                   "CNI_IFNAME=" + call.interface_name,
                   "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=" + pod.name_space +
                       ";K8S_POD_NAME=" + pod.name + ";K8S_POD_INFRA_CONTAINER_ID=" + pod.pod_id +
                       ";K8S_POD_UID=" + pod.uid,
                   "CNI_PATH=" + search_path_,
                   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    options.text = DumpJson(config);
    options.timeout = timeout_;
    options.output_limit = kMaxOutput;
    TRY_ASSIGN(CommandOutput output, RunCommand(options));
    if (output.status.ok()) return std::move(output.out);
    return Internal(path_ + " " + command + ": " + Complaint(output));
  }

  // A plugin that fails says why as JSON on stdout (CNI specification, section 5, Error).
  static std::string Complaint(const CommandOutput& output) {
    auto json = ParseJson(output.out, {.bytes = kMaxOutput});
    if (json.has_value()) {
      std::string text = JsonString(*json, "msg").value_or("");
      std::string details = JsonString(*json, "details").value_or("");
      if (!details.empty()) text += ": " + details;
      if (!text.empty()) return text;
    }
    std::string text(Trim(output.err.empty() ? output.out : output.err));
    return text.empty() ? "ended with " + std::to_string(output.status.ShellCode())
                        : text.substr(0, 1000);
  }

  std::string path_;
  std::string search_path_;
  std::chrono::seconds timeout_;
};

}  // namespace

Result<std::unique_ptr<Plugin>> FindExternalPlugin(const std::string& type,
                                                   const std::vector<std::string>& bin_dirs,
                                                   std::chrono::seconds timeout) {
  for (const std::string& dir : bin_dirs) {
    std::string path = dir + "/" + type;
    if (access(path.c_str(), X_OK) == 0) {
      return std::unique_ptr<Plugin>(
          std::make_unique<ExternalPlugin>(path, Join(bin_dirs, ":"), timeout));
    }
  }
  return FailedPrecondition("CNI plugin " + type + " is in none of " + Join(bin_dirs, ", ") +
                            " (network.cni.bin_dirs)");
}

}  // namespace onggi
