#include "runtime/spec/fields.h"
#include "runtime/spec/parse.h"

namespace onggi::spec {
namespace {

Json FormatUser(const User& user) {
  Json json{{"uid", user.uid}, {"gid", user.gid}};
  Put(json, "umask", user.umask);
  if (!user.additional_gids.empty()) json["additionalGids"] = user.additional_gids;
  Put(json, "username", user.username);
  return json;
}

Json FormatRlimit(const Rlimit& limit) {
  return Json{{"type", limit.type}, {"soft", limit.soft}, {"hard", limit.hard}};
}

Json FormatCapabilities(const Capabilities& caps) {
  Json json = Json::object();
  PutList(json, "bounding", caps.bounding);
  PutList(json, "effective", caps.effective);
  PutList(json, "inheritable", caps.inheritable);
  PutList(json, "permitted", caps.permitted);
  PutList(json, "ambient", caps.ambient);
  return json;
}

Json FormatProcessJson(const Process& process) {
  Json json = Json::object();
  if (process.terminal) json["terminal"] = true;
  if (process.console_width != 0 || process.console_height != 0) {
    json["consoleSize"] = {{"width", process.console_width}, {"height", process.console_height}};
  }
  json["user"] = FormatUser(process.user);
  PutList(json, "args", process.args);
  PutList(json, "env", process.env);
  json["cwd"] = process.cwd;
  if (process.capabilities) json["capabilities"] = FormatCapabilities(*process.capabilities);
  PutList(json, "rlimits", process.rlimits, &FormatRlimit);
  if (process.no_new_privileges) json["noNewPrivileges"] = true;
  Put(json, "apparmorProfile", process.apparmor_profile);
  Put(json, "selinuxLabel", process.selinux_label);
  Put(json, "oomScoreAdj", process.oom_score_adj);
  return json;
}

Json FormatMount(const Mount& mount) {
  Json json{{"destination", mount.destination}};
  Put(json, "type", mount.type);
  Put(json, "source", mount.source);
  PutList(json, "options", mount.options);
  PutList(json, "uidMappings", mount.uid_mappings, &FormatIdMapping);
  PutList(json, "gidMappings", mount.gid_mappings, &FormatIdMapping);
  return json;
}

Json FormatHook(const Hook& hook) {
  Json json{{"path", hook.path}};
  PutList(json, "args", hook.args);
  PutList(json, "env", hook.env);
  Put(json, "timeout", hook.timeout_s);
  return json;
}

Json FormatHooks(const Hooks& hooks) {
  Json json = Json::object();
  PutList(json, "prestart", hooks.prestart, &FormatHook);
  PutList(json, "createRuntime", hooks.create_runtime, &FormatHook);
  PutList(json, "createContainer", hooks.create_container, &FormatHook);
  PutList(json, "startContainer", hooks.start_container, &FormatHook);
  PutList(json, "poststart", hooks.poststart, &FormatHook);
  PutList(json, "poststop", hooks.poststop, &FormatHook);
  return json;
}

Json FormatRootfs(const Rootfs& rootfs) {
  Json json = Json::object();
  PutList(json, "lower", rootfs.lower);
  Put(json, "upper", rootfs.upper);
  Put(json, "work", rootfs.work);
  Put(json, "source", rootfs.source);
  return json;
}

}  // namespace

std::string FormatSpec(const Spec& spec) {
  Json json{{"ociVersion", spec.oci_version}};
  if (!spec.root_path.empty() || spec.root_readonly) {
    json["root"] = Json{{"path", spec.root_path}};
    if (spec.root_readonly) json["root"]["readonly"] = true;
  }
  if (spec.rootfs) json["onggi.rootfs"] = FormatRootfs(*spec.rootfs);
  if (spec.process) json["process"] = FormatProcessJson(*spec.process);
  Put(json, "hostname", spec.hostname);
  Put(json, "domainname", spec.domainname);
  PutList(json, "mounts", spec.mounts, &FormatMount);
  if (Json hooks = FormatHooks(spec.hooks); !hooks.empty()) json["hooks"] = std::move(hooks);
  if (!spec.annotations.empty()) json["annotations"] = spec.annotations;
  json["linux"] = FormatLinux(spec.linux_);
  return DumpJson(json);
}

std::string FormatProcess(const Process& process) {
  return DumpJson(FormatProcessJson(process));
}

std::string FormatResources(const Resources& resources) {
  return DumpJson(FormatResourcesJson(resources));
}

}  // namespace onggi::spec
