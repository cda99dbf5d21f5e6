#include "runtime/spec/parse.h"

#include <algorithm>

#include "runtime/spec/fields.h"

namespace onggi::spec {

Result<> CheckEnum(std::string_view key, std::string_view value,
                   std::initializer_list<std::string_view> known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return Ok();
  return InvalidArgument(std::string(key) + " " + std::string(value) + " is not known");
}

Result<> CheckNoNul(std::string_view key, std::string_view text) {
  if (text.find('\0') == std::string_view::npos) return Ok();
  return InvalidArgument(std::string(key) + " holds a NUL byte");
}

namespace {

Result<User> ParseUser(const Json& json) {
  User user;
  TRY_ASSIGN(user.uid, Number<uid_t>(json, "uid"));
  TRY_ASSIGN(user.gid, Number<gid_t>(json, "gid"));
  TRY(OptionalNumber(json, "umask", user.umask));
  TRY_ASSIGN(const Json groups, JsonArray(json, "additionalGids"));
  for (const Json& group : groups) {
    if (!group.is_number_unsigned() || group.get<uint64_t>() > UINT32_MAX) {
      return InvalidArgument("additionalGids holds something that is no group id");
    }
    user.additional_gids.push_back(static_cast<gid_t>(group.get<uint64_t>()));
  }
  TRY_ASSIGN(user.username, JsonString(json, "username"));
  return user;
}

Result<Rlimit> ParseRlimit(const Json& json) {
  Rlimit limit;
  TRY_ASSIGN(limit.type, JsonString(json, "type"));
  TRY_ASSIGN(limit.soft, JsonUint(json, "soft"));
  TRY_ASSIGN(limit.hard, JsonUint(json, "hard"));
  return limit;
}

Result<Capabilities> ParseCapabilities(const Json& json) {
  Capabilities caps;
  TRY_ASSIGN(caps.bounding, JsonStrings(json, "bounding"));
  TRY_ASSIGN(caps.effective, JsonStrings(json, "effective"));
  TRY_ASSIGN(caps.inheritable, JsonStrings(json, "inheritable"));
  TRY_ASSIGN(caps.permitted, JsonStrings(json, "permitted"));
  TRY_ASSIGN(caps.ambient, JsonStrings(json, "ambient"));
  return caps;
}

Result<> ParseConsole(const Json& json, Process& process) {
  TRY_ASSIGN(process.terminal, JsonBool(json, "terminal"));
  TRY_ASSIGN(const Json size, JsonObject(json, "consoleSize"));
  TRY_ASSIGN(process.console_width, Number<uint16_t>(size, "width"));
  TRY_ASSIGN(process.console_height, Number<uint16_t>(size, "height"));
  return Ok();
}

Result<Process> ParseProcessJson(const Json& json) {
  Process process;
  TRY(ParseConsole(json, process));
  TRY_ASSIGN(const Json user, JsonObject(json, "user"));
  TRY_ASSIGN(process.user, ParseUser(user).Wrap("user"));
  TRY_ASSIGN(process.args, JsonStrings(json, "args"));
  TRY_ASSIGN(process.env, JsonStrings(json, "env"));
  for (const auto& arg : process.args) TRY(CheckNoNul("args", arg));
  for (const auto& entry : process.env) TRY(CheckNoNul("env", entry));
  TRY_ASSIGN(process.cwd, JsonString(json, "cwd", "/"));
  TRY(CheckNoNul("cwd", process.cwd));
  if (!JsonMember(json, "capabilities").is_null()) {
    TRY_ASSIGN(const Json caps, JsonObject(json, "capabilities"));
    TRY_ASSIGN(process.capabilities, ParseCapabilities(caps).Wrap("capabilities"));
  }
  TRY(List(json, "rlimits", process.rlimits, &ParseRlimit));
  TRY_ASSIGN(process.no_new_privileges, JsonBool(json, "noNewPrivileges"));
  TRY_ASSIGN(process.apparmor_profile, JsonString(json, "apparmorProfile"));
  TRY_ASSIGN(process.selinux_label, JsonString(json, "selinuxLabel"));
  TRY(OptionalNumber(json, "oomScoreAdj", process.oom_score_adj));
  return process;
}

Result<Mount> ParseMount(const Json& json) {
  Mount mount;
  TRY_ASSIGN(mount.destination, JsonString(json, "destination"));
  if (mount.destination.empty()) return InvalidArgument("destination is missing");
  TRY_ASSIGN(mount.type, JsonString(json, "type"));
  TRY_ASSIGN(mount.source, JsonString(json, "source"));
  TRY(CheckNoNul("destination", mount.destination));
  TRY(CheckNoNul("source", mount.source));
  TRY_ASSIGN(mount.options, JsonStrings(json, "options"));
  for (const auto& option : mount.options) TRY(CheckNoNul("options", option));
  TRY(List(json, "uidMappings", mount.uid_mappings, &ParseIdMapping));
  TRY(List(json, "gidMappings", mount.gid_mappings, &ParseIdMapping));
  return mount;
}

Result<Hook> ParseHook(const Json& json) {
  Hook hook;
  TRY_ASSIGN(hook.path, JsonString(json, "path"));
  if (hook.path.empty() || hook.path[0] != '/') return InvalidArgument("path must be absolute");
  TRY_ASSIGN(hook.args, JsonStrings(json, "args"));
  TRY_ASSIGN(hook.env, JsonStrings(json, "env"));
  TRY(OptionalNumber(json, "timeout", hook.timeout_s));
  return hook;
}

Result<Hooks> ParseHooks(const Json& json) {
  Hooks hooks;
  TRY(List(json, "prestart", hooks.prestart, &ParseHook));
  TRY(List(json, "createRuntime", hooks.create_runtime, &ParseHook));
  TRY(List(json, "createContainer", hooks.create_container, &ParseHook));
  TRY(List(json, "startContainer", hooks.start_container, &ParseHook));
  TRY(List(json, "poststart", hooks.poststart, &ParseHook));
  TRY(List(json, "poststop", hooks.poststop, &ParseHook));
  return hooks;
}

Result<> ParseRoot(const Json& json, Spec& spec) {
  TRY_ASSIGN(const Json root, JsonObject(json, "root"));
  TRY_ASSIGN(spec.root_path, JsonString(root, "path"));
  TRY(CheckNoNul("root.path", spec.root_path));
  TRY_ASSIGN(spec.root_readonly, JsonBool(root, "readonly"));
  if (JsonMember(json, "onggi.rootfs").is_null()) return Ok();
  TRY_ASSIGN(const Json extension, JsonObject(json, "onggi.rootfs"));
  Rootfs rootfs;
  TRY_ASSIGN(rootfs.lower, JsonStrings(extension, "lower"));
  TRY_ASSIGN(rootfs.upper, JsonString(extension, "upper"));
  TRY_ASSIGN(rootfs.work, JsonString(extension, "work"));
  TRY_ASSIGN(rootfs.source, JsonString(extension, "source"));
  spec.rootfs = std::move(rootfs);
  return Ok();
}

Result<Spec> ParseSpecJson(const Json& json) {
  if (!json.is_object()) return InvalidArgument("the document is no JSON object");
  Spec spec;
  TRY_ASSIGN(spec.oci_version, JsonString(json, "ociVersion"));
  if (spec.oci_version.empty()) return InvalidArgument("ociVersion is missing");
  TRY(ParseRoot(json, spec));
  if (!JsonMember(json, "process").is_null()) {
    TRY_ASSIGN(const Json process, JsonObject(json, "process"));
    TRY_ASSIGN(spec.process, ParseProcessJson(process).Wrap("process"));
  }
  TRY_ASSIGN(spec.hostname, JsonString(json, "hostname"));
  TRY_ASSIGN(spec.domainname, JsonString(json, "domainname"));
  TRY(List(json, "mounts", spec.mounts, &ParseMount));
  TRY_ASSIGN(const Json hooks, JsonObject(json, "hooks"));
  TRY_ASSIGN(spec.hooks, ParseHooks(hooks).Wrap("hooks"));
  TRY_ASSIGN(spec.annotations, JsonStringMap(json, "annotations"));
  TRY_ASSIGN(const Json linux_json, JsonObject(json, "linux"));
  TRY_ASSIGN(spec.linux_, ParseLinux(linux_json).Wrap("linux"));
  return spec;
}

// Seccomp profiles are wide but not deep; the specification itself nests about eight levels.
constexpr JsonLimits kLimits{.bytes = 8 << 20, .depth = 64};

}  // namespace

Result<Spec> ParseSpec(std::string_view text) {
  TRY_ASSIGN(const Json json, ParseJson(text, kLimits));
  return ParseSpecJson(json);
}

Result<Process> ParseProcess(std::string_view text) {
  TRY_ASSIGN(const Json json, ParseJson(text, kLimits));
  if (!json.is_object()) return InvalidArgument("the process is no JSON object");
  return ParseProcessJson(json);
}

Result<Seccomp> ParseSeccomp(std::string_view text) {
  TRY_ASSIGN(const Json json, ParseJson(text, kLimits));
  if (!json.is_object()) return InvalidArgument("the seccomp profile is no JSON object");
  return ParseSeccompJson(json);
}

Result<Resources> ParseResources(std::string_view text) {
  TRY_ASSIGN(const Json json, ParseJson(text, kLimits));
  if (!json.is_object()) return InvalidArgument("the resources are no JSON object");
  return ParseResourcesJson(json);
}

}  // namespace onggi::spec
