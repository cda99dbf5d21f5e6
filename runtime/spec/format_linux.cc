#include "runtime/spec/fields.h"

namespace onggi::spec {

Json FormatIdMapping(const IdMapping& mapping) {
  return Json{
      {"containerID", mapping.container_id}, {"hostID", mapping.host_id}, {"size", mapping.size}};
}

namespace {

Json FormatNamespace(const Namespace& space) {
  Json json{{"type", space.type}};
  Put(json, "path", space.path);
  return json;
}

Json FormatDevice(const Device& device) {
  Json json{{"path", device.path},
            {"type", device.type},
            {"major", device.major},
            {"minor", device.minor}};
  Put(json, "fileMode", device.file_mode);
  Put(json, "uid", device.uid);
  Put(json, "gid", device.gid);
  return json;
}

Json FormatDeviceRule(const DeviceRule& rule) {
  Json json{{"allow", rule.allow}};
  Put(json, "type", rule.type);
  Put(json, "major", rule.major);
  Put(json, "minor", rule.minor);
  Put(json, "access", rule.access);
  return json;
}

Json FormatHugepage(const Hugepage& page) {
  return Json{{"pageSize", page.page_size}, {"limit", page.limit}};
}

Json FormatSeccompArg(const SeccompArg& arg) {
  return Json{
      {"index", arg.index}, {"value", arg.value}, {"valueTwo", arg.value_two}, {"op", arg.op}};
}

Json FormatSeccompRule(const SeccompRule& rule) {
  Json json{{"names", rule.names}, {"action", rule.action}};
  Put(json, "errnoRet", rule.errno_ret);
  PutList(json, "args", rule.args, &FormatSeccompArg);
  return json;
}

Json FormatSeccomp(const Seccomp& seccomp) {
  Json json{{"defaultAction", seccomp.default_action}};
  Put(json, "defaultErrnoRet", seccomp.default_errno_ret);
  PutList(json, "architectures", seccomp.architectures);
  PutList(json, "flags", seccomp.flags);
  Put(json, "listenerPath", seccomp.listener_path);
  Put(json, "listenerMetadata", seccomp.listener_metadata);
  PutList(json, "syscalls", seccomp.syscalls, &FormatSeccompRule);
  return json;
}

void PutObject(Json& json, const char* key, Json value) {
  if (!value.empty()) json[key] = std::move(value);
}

}  // namespace

Json FormatResourcesJson(const Resources& value) {
  Json json = Json::object();
  PutList(json, "devices", value.devices, &FormatDeviceRule);
  Json memory = Json::object();
  Put(memory, "limit", value.memory_limit);
  Put(memory, "reservation", value.memory_reservation);
  Put(memory, "swap", value.memory_swap);
  Put(memory, "disableOOMKiller", value.disable_oom_killer);
  PutObject(json, "memory", std::move(memory));
  Json cpu = Json::object();
  Put(cpu, "shares", value.cpu_shares);
  Put(cpu, "quota", value.cpu_quota);
  Put(cpu, "period", value.cpu_period);
  Put(cpu, "idle", value.cpu_idle);
  Put(cpu, "cpus", value.cpuset_cpus);
  Put(cpu, "mems", value.cpuset_mems);
  PutObject(json, "cpu", std::move(cpu));
  if (value.pids_limit) json["pids"] = {{"limit", *value.pids_limit}};
  if (value.blkio_weight) json["blockIO"] = {{"weight", *value.blkio_weight}};
  PutList(json, "hugepageLimits", value.hugepage_limits, &FormatHugepage);
  if (!value.unified.empty()) json["unified"] = value.unified;
  return json;
}

Json FormatLinux(const Linux& value) {
  Json json = Json::object();
  PutList(json, "uidMappings", value.uid_mappings, &FormatIdMapping);
  PutList(json, "gidMappings", value.gid_mappings, &FormatIdMapping);
  if (!value.sysctl.empty()) json["sysctl"] = value.sysctl;
  PutObject(json, "resources", FormatResourcesJson(value.resources));
  Put(json, "cgroupsPath", value.cgroups_path);
  PutList(json, "namespaces", value.namespaces, &FormatNamespace);
  PutList(json, "devices", value.devices, &FormatDevice);
  if (value.seccomp) json["seccomp"] = FormatSeccomp(*value.seccomp);
  Put(json, "rootfsPropagation", value.rootfs_propagation);
  PutList(json, "maskedPaths", value.masked_paths);
  PutList(json, "readonlyPaths", value.readonly_paths);
  Put(json, "mountLabel", value.mount_label);
  if (!value.personality.empty()) json["personality"] = {{"domain", value.personality}};
  return json;
}

}  // namespace onggi::spec
