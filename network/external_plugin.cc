#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/child_process.h"
#include "base/strings.h"
#include "network/cni_result.h"
#include "network/conflist.h"
#include "network/plugin.h"

namespace onggi {
namespace {

class ExternalPlugin : public Plugin {
 public:
  ExternalPlugin(std::string path, const ProgramOptions& options)
      : path_(std::move(path)), options_(options) {}

  Result<Json> Add(const PluginCall& call) const override {
    TRY_ASSIGN(std::string out, RunFor("ADD", call));
    return ParseCniResult(out).Wrap(path_ + " ADD: result");
  }
  Result<> Delete(const PluginCall& call) const override {
    TRY(RunFor("DEL", call));
    return Ok();
  }
  Result<> Check(const PluginCall& call) const override {
    if (!IsCniVersionAtLeast(VersionOf(call.config), "0.4.0")) return Ok();  // had no CHECK
    TRY(RunFor("CHECK", call));
    return Ok();
  }

  Result<> Status(const Json& config) const override {
    TRY_ASSIGN(std::vector<std::string> supported, SupportedVersions(VersionOf(config)));
    std::string version = VersionOf(config);
    if (std::find(supported.begin(), supported.end(), version) == supported.end()) {
      return FailedPrecondition(path_ + " does not speak cniVersion " + version + ", only " +
                                Join(supported, ", "));
    }
    if (!IsCniVersionAtLeast(version, "1.1.0")) return Ok();  // had no STATUS
    TRY(Run("STATUS", {}, config));
    return Ok();
  }

  Result<> CollectGarbage(const Json& config, const Attachments& valid) const override {
    if (!IsCniVersionAtLeast(VersionOf(config), "1.1.0")) return Ok();  // had no GC
    Json whole = config;
    whole["cni.dev/valid-attachments"] = Json::array();
    for (const auto& [pod_id, interface] : valid) {
      whole["cni.dev/valid-attachments"].push_back(
          {{"containerID", pod_id}, {"ifname", interface}});
    }
    TRY(Run("GC", {}, whole));
    return Ok();
  }

 private:
  static std::string VersionOf(const Json& config) {
    return JsonString(config, "cniVersion").value_or("");
  }

  Result<std::vector<std::string>> SupportedVersions(const std::string& version) const {
    TRY_ASSIGN(std::string out, Run("VERSION", {}, {{"cniVersion", version}}));
    TRY_ASSIGN(Json json, ParseJson(out, {.bytes = kMaxCniOutput}).Wrap(path_ + " VERSION"));
    return JsonStrings(json, "supportedVersions").Wrap(path_ + " VERSION");
  }

  Result<std::string> RunFor(const std::string& command, const PluginCall& call) const {
    Json config = call.config;
    // A DEL had no prevResult before 0.4.0.
    bool wants_previous = command != "DEL" || IsCniVersionAtLeast(VersionOf(config), "0.4.0");
    if (!call.previous.is_null() && wants_previous) config["prevResult"] = call.previous;
    const PodNetworkRequest& pod = call.pod;
    return Run(command,
               {"CNI_CONTAINERID=" + pod.pod_id, "CNI_NETNS=" + pod.netns_path,
                "CNI_IFNAME=" + call.interface_name,
                "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=" + pod.name_space +
                    ";K8S_POD_NAME=" + pod.name + ";K8S_POD_INFRA_CONTAINER_ID=" + pod.pod_id +
                    ";K8S_POD_UID=" + pod.uid},
               config);
  }

  Result<std::string> Run(const std::string& command, std::vector<std::string> env,
                          const Json& config) const {
    // The whole environment: nothing of the daemon's reaches a plugin (CVE-2025-23266).
    env.push_back("CNI_COMMAND=" + command);
    env.push_back("CNI_PATH=" + Join(options_.bin_dirs, ":"));
    env.push_back("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    CommandOptions options;
    options.argv = {path_};
    options.env = std::move(env);
    options.text = DumpJson(config);
    options.timeout = options_.timeout;
    options.output_limit = kMaxCniOutput;
    TRY_ASSIGN(CommandOutput output, RunCommand(options).Wrap(path_ + " " + command));
    if (!output.status.ok()) return Internal(path_ + " " + command + ": " + Complaint(output));
    if (output.out.size() < kMaxCniOutput) return std::move(output.out);
    return ResourceExhausted(path_ + " " + command + ": wrote more than 1 MiB");
  }

  // A plugin that fails says why as JSON on stdout (CNI specification, section 5, Error).
  static std::string Complaint(const CommandOutput& output) {
    auto json = ParseJson(output.out, {.bytes = kMaxCniOutput});
    std::string text;
    if (json.has_value()) {
      text = JsonString(*json, "msg").value_or("");
      std::string details = JsonString(*json, "details").value_or("");
      if (!details.empty()) text += ": " + details;
    }
    if (text.empty()) text = std::string(Trim(output.err.empty() ? output.out : output.err));
    if (text.empty()) text = "ended with " + std::to_string(output.status.ShellCode());
    return text.substr(0, 1000);
  }

  const std::string path_;
  const ProgramOptions options_;
};

}  // namespace

Result<std::unique_ptr<Plugin>> FindExternalPlugin(const std::string& type,
                                                   const ProgramOptions& options) {
  for (const std::string& dir : options.bin_dirs) {
    std::string path = dir + "/" + type;
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        access(path.c_str(), X_OK) == 0) {
      return std::unique_ptr<Plugin>(std::make_unique<ExternalPlugin>(path, options));
    }
  }
  return FailedPrecondition("CNI plugin " + type + " is in none of " +
                            Join(options.bin_dirs, ", ") + " (network.cni.bin_dirs)");
}

}  // namespace onggi
