#include "engine/container/validate_container.h"

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "engine/container/capabilities.h"
#include "engine/container/validate_mounts.h"
#include "engine/pod/text_rules.h"

namespace onggi {
namespace {

const char kSecurity[] = "linux.security_context.";

Result<> CheckId(const std::string& field, int64_t id) {
  if (id >= 0 && id <= INT32_MAX) return Ok();
  return BadField(field, std::to_string(id), "0 to 2147483647");
}

Result<> CheckUsers(const ContainerSecurity& s) {
  const std::string field = kSecurity;
  if (s.run_as_user && !s.run_as_username.empty()) {
    return BadField(field + "run_as_username", s.run_as_username,
                    "either run_as_user or run_as_username");
  }
  if (s.run_as_group && !s.run_as_user && s.run_as_username.empty()) {
    return BadField(field + "run_as_group", std::to_string(*s.run_as_group),
                    "only together with run_as_user or run_as_username");
  }
  if (s.run_as_user) TRY(CheckId(field + "run_as_user", *s.run_as_user));
  if (s.run_as_group) TRY(CheckId(field + "run_as_group", *s.run_as_group));
  for (int64_t group : s.supplemental_groups) TRY(CheckId(field + "supplemental_groups", group));
  return Ok();
}

bool SameMappings(const std::vector<spec::IdMapping>& a, const std::vector<spec::IdMapping>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const spec::IdMapping& x, const spec::IdMapping& y) {
                      return x.container_id == y.container_id && x.host_id == y.host_id &&
                             x.size == y.size;
                    });
}

bool OwnsUsers(const NamespaceOptions& ns) {
  return ns.user && ns.user->mode == NamespaceMode::kPod;
}

Result<> CheckNamespaces(const ContainerSecurity& s, const PodConfig& pod) {
  const std::string field = std::string(kSecurity) + "namespace_options.";
  const NamespaceOptions& ns = s.namespaces;
  if (ns.pid == NamespaceMode::kTarget && ns.target_id.empty()) {
    return BadField(field + "target_id", "", "a container of the same pod, with pid TARGET");
  }
  if (ns.pid != NamespaceMode::kTarget && !ns.target_id.empty()) {
    return BadField(field + "target_id", ns.target_id, "only with pid TARGET");
  }
  if (ns.user) TRY(CheckUserNamespace(field + "userns_options", *ns.user));
  if (ns.user && OwnsUsers(ns) != OwnsUsers(pod.namespaces)) {
    return BadField(field + "userns_options.mode", OwnsUsers(ns) ? "POD" : "NODE",
                    "the mode of the pod sandbox");
  }
  if (OwnsUsers(ns) && (!SameMappings(ns.user->uids, pod.namespaces.user->uids) ||
                        !SameMappings(ns.user->gids, pod.namespaces.user->gids))) {
    return BadField(field + "userns_options", "other mappings", "the mappings of the pod sandbox");
  }
  return Ok();
}

Result<> CheckProfile(const std::string& field, const std::optional<SecurityProfile>& profile,
                      bool path) {
  if (!profile || profile->type != SecurityProfile::Type::kLocalhost) return Ok();
  bool good = path ? IsCleanAbsolutePath(profile->localhost_ref)
                   : !profile->localhost_ref.empty() && !HasControlBytes(profile->localhost_ref);
  if (good) return Ok();
  return BadField(field + ".localhost_ref", profile->localhost_ref,
                  path ? "the absolute path of a profile" : "the name of a loaded profile");
}

Result<> CheckSecurity(const ContainerSecurity& s, const PodConfig& pod) {
  if (s.privileged && !pod.privileged) {
    return BadField(std::string(kSecurity) + "privileged", "true",
                    "only in a privileged pod sandbox");
  }
  TRY(CheckUsers(s));
  TRY(CheckNamespaces(s, pod));
  TRY(CheckProfile(std::string(kSecurity) + "seccomp", s.seccomp, true));
  TRY(CheckProfile(std::string(kSecurity) + "apparmor", s.apparmor, false));
  TRY(CheckCapabilityNames(std::string(kSecurity) + "capabilities.add_capabilities",
                           s.add_capabilities));
  TRY(CheckCapabilityNames(std::string(kSecurity) + "capabilities.drop_capabilities",
                           s.drop_capabilities));
  TRY(CheckCapabilityNames(std::string(kSecurity) + "capabilities.add_ambient_capabilities",
                           s.add_ambient_capabilities));
  for (const auto& [name, paths] :
       {std::pair<const char*, const std::vector<std::string>&>("masked_paths", s.masked_paths),
        {"readonly_paths", s.readonly_paths}}) {
    for (const std::string& path : paths) {
      if (!IsCleanAbsolutePath(path)) {
        return BadField(std::string(kSecurity) + name, path, "absolute paths without '..'");
      }
    }
  }
  return Ok();
}

Result<> CheckProcess(const ContainerConfig& c) {
  for (const auto& [name, words] :
       {std::pair<const char*, const std::vector<std::string>&>("command", c.command),
        {"args", c.args}}) {
    for (const std::string& word : words) {
      if (word.find('\0') != std::string::npos) return BadField(name, word, "no NUL");
    }
  }
  for (const auto& [key, value] : c.envs) {
    if (key.empty() || key.find('=') != std::string::npos || key.find('\0') != std::string::npos) {
      return BadField("envs.key", key, "a name without '='");
    }
    if (value.find('\0') != std::string::npos) return BadField("envs." + key, value, "no NUL");
  }
  if (!c.working_dir.empty() &&
      (c.working_dir.front() != '/' || c.working_dir.find('\0') != std::string::npos)) {
    return BadField("working_dir", c.working_dir, "an absolute path");
  }
  if (c.stop_signal < 0 || c.stop_signal > 64) {
    return BadField("stop_signal", std::to_string(c.stop_signal), "1 to 64");
  }
  // C20: a log path leads nowhere else; kubelet's is "NAME/ATTEMPT.log".
  if (!c.log_path.empty() && (!IsCleanRelativePath(c.log_path) || HasControlBytes(c.log_path))) {
    return BadField("log_path", c.log_path, "a path relative to log_directory without '..'");
  }
  return Ok();
}

Result<> CheckRlimits(const std::vector<spec::Rlimit>& limits) {
  std::set<std::string> seen;
  for (const spec::Rlimit& limit : limits) {
    if (limit.type.rfind("RLIMIT_", 0) != 0 || !seen.insert(limit.type).second) {
      return BadField("rlimits", limit.type, "names such as RLIMIT_NOFILE, each once");
    }
    if (limit.soft > limit.hard) {
      return BadField("rlimits." + limit.type, std::to_string(limit.soft),
                      "at most the hard limit " + std::to_string(limit.hard));
    }
  }
  return Ok();
}

}  // namespace

Result<> ValidateContainer(const ContainerConfig& config, const PodConfig& pod) {
  if (config.metadata.name.empty() || HasControlBytes(config.metadata.name)) {
    return BadField("metadata.name", config.metadata.name, "a name without control characters");
  }
  if (config.image.image.empty()) return BadField("image.image", "", "an image is needed");
  TRY(CheckProcess(config));
  TRY(CheckSecurity(config.security, pod));
  TRY(ValidateMounts(config));
  TRY(CheckResources("linux.resources", config.resources));
  return CheckRlimits(config.rlimits);
}

}  // namespace onggi
