#include <algorithm>

#include "runtime/spec/fields.h"

namespace onggi::spec {

Result<IdMapping> ParseIdMapping(const Json& json) {
  IdMapping mapping;
  TRY_ASSIGN(mapping.container_id, Number<uint32_t>(json, "containerID"));
  TRY_ASSIGN(mapping.host_id, Number<uint32_t>(json, "hostID"));
  TRY_ASSIGN(mapping.size, Number<uint32_t>(json, "size"));
  return mapping;
}

namespace {

Result<Namespace> ParseNamespace(const Json& json) {
  Namespace space;
  TRY_ASSIGN(space.type, JsonString(json, "type"));
  TRY(CheckEnum("namespaces.type", space.type,
                {"pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"}));
  TRY_ASSIGN(space.path, JsonString(json, "path"));
  return space;
}

Result<Device> ParseDevice(const Json& json) {
  Device device;
  TRY_ASSIGN(device.path, JsonString(json, "path"));
  TRY_ASSIGN(device.type, JsonString(json, "type"));
  TRY(CheckEnum("devices.type", device.type, {"c", "b", "p", "u"}));
  TRY_ASSIGN(device.major, JsonInt(json, "major"));
  TRY_ASSIGN(device.minor, JsonInt(json, "minor"));
  TRY(OptionalNumber(json, "fileMode", device.file_mode));
  TRY(OptionalNumber(json, "uid", device.uid));
  TRY(OptionalNumber(json, "gid", device.gid));
  return device;
}

Result<DeviceRule> ParseDeviceRule(const Json& json) {
  DeviceRule rule;
  TRY_ASSIGN(rule.allow, JsonBool(json, "allow"));
  TRY_ASSIGN(rule.type, JsonString(json, "type"));
  TRY(CheckEnum("devices.type", rule.type, {"", "a", "b", "c"}));
  TRY(OptionalNumber(json, "major", rule.major));
  TRY(OptionalNumber(json, "minor", rule.minor));
  TRY_ASSIGN(rule.access, JsonString(json, "access"));
  if (rule.access.find_first_not_of("rwm") != std::string::npos) {
    return InvalidArgument("access " + rule.access + " is not made of r, w and m");
  }
  return rule;
}

Result<Hugepage> ParseHugepage(const Json& json) {
  Hugepage page;
  TRY_ASSIGN(page.page_size, JsonString(json, "pageSize"));
  TRY_ASSIGN(page.limit, JsonUint(json, "limit"));
  return page;
}

Result<> ParseMemory(const Json& json, Resources& out) {
  TRY(OptionalNumber(json, "limit", out.memory_limit));
  TRY(OptionalNumber(json, "reservation", out.memory_reservation));
  TRY(OptionalNumber(json, "swap", out.memory_swap));
  return OptionalBool(json, "disableOOMKiller", out.disable_oom_killer);
}

Result<> ParseCpu(const Json& json, Resources& out) {
  TRY(OptionalNumber(json, "shares", out.cpu_shares));
  TRY(OptionalNumber(json, "quota", out.cpu_quota));
  TRY(OptionalNumber(json, "period", out.cpu_period));
  TRY(OptionalNumber(json, "idle", out.cpu_idle));
  TRY_ASSIGN(out.cpuset_cpus, JsonString(json, "cpus"));
  TRY_ASSIGN(out.cpuset_mems, JsonString(json, "mems"));
  return Ok();
}

Result<SeccompArg> ParseSeccompArg(const Json& json) {
  SeccompArg arg;
  TRY_ASSIGN(arg.index, Number<uint32_t>(json, "index"));
  if (arg.index > 5) return InvalidArgument("index is above 5");
  TRY_ASSIGN(arg.value, JsonUint(json, "value"));
  TRY_ASSIGN(arg.value_two, JsonUint(json, "valueTwo"));
  TRY_ASSIGN(arg.op, JsonString(json, "op"));
  TRY(CheckEnum("op", arg.op,
                {"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE",
                 "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"}));
  return arg;
}

Result<> CheckAction(std::string_view key, const std::string& action) {
  return CheckEnum(
      key, action,
      {"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
       "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY"});
}

Result<SeccompRule> ParseSeccompRule(const Json& json) {
  SeccompRule rule;
  TRY_ASSIGN(rule.names, JsonStrings(json, "names"));
  TRY_ASSIGN(rule.action, JsonString(json, "action"));
  TRY(CheckAction("action", rule.action));
  TRY(OptionalNumber(json, "errnoRet", rule.errno_ret));
  TRY(List(json, "args", rule.args, &ParseSeccompArg));
  return rule;
}

Result<> CheckPropagation(const std::string& value) {
  return CheckEnum("rootfsPropagation", value,
                   {"", "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable",
                    "runbindable"});
}

}  // namespace

Result<Seccomp> ParseSeccompJson(const Json& json) {
  Seccomp seccomp;
  TRY_ASSIGN(seccomp.default_action, JsonString(json, "defaultAction"));
  TRY(CheckAction("defaultAction", seccomp.default_action));
  TRY(OptionalNumber(json, "defaultErrnoRet", seccomp.default_errno_ret));
  TRY_ASSIGN(seccomp.architectures, JsonStrings(json, "architectures"));
  TRY_ASSIGN(seccomp.flags, JsonStrings(json, "flags"));
  TRY_ASSIGN(seccomp.listener_path, JsonString(json, "listenerPath"));
  TRY_ASSIGN(seccomp.listener_metadata, JsonString(json, "listenerMetadata"));
  TRY(List(json, "syscalls", seccomp.syscalls, &ParseSeccompRule));
  return seccomp;
}

Result<Resources> ParseResourcesJson(const Json& json) {
  Resources out;
  TRY(List(json, "devices", out.devices, &ParseDeviceRule));
  TRY_ASSIGN(const Json memory, JsonObject(json, "memory"));
  TRY(ParseMemory(memory, out).Wrap("memory"));
  TRY_ASSIGN(const Json cpu, JsonObject(json, "cpu"));
  TRY(ParseCpu(cpu, out).Wrap("cpu"));
  TRY_ASSIGN(const Json pids, JsonObject(json, "pids"));
  TRY(OptionalNumber(pids, "limit", out.pids_limit).Wrap("pids"));
  TRY_ASSIGN(const Json block_io, JsonObject(json, "blockIO"));
  TRY(OptionalNumber(block_io, "weight", out.blkio_weight).Wrap("blockIO"));
  TRY(List(json, "hugepageLimits", out.hugepage_limits, &ParseHugepage));
  TRY_ASSIGN(out.unified, JsonStringMap(json, "unified"));
  return out;
}

Result<Linux> ParseLinux(const Json& json) {
  Linux out;
  TRY(List(json, "uidMappings", out.uid_mappings, &ParseIdMapping));
  TRY(List(json, "gidMappings", out.gid_mappings, &ParseIdMapping));
  TRY_ASSIGN(out.sysctl, JsonStringMap(json, "sysctl"));
  TRY_ASSIGN(const Json resources, JsonObject(json, "resources"));
  TRY_ASSIGN(out.resources, ParseResourcesJson(resources).Wrap("resources"));
  TRY_ASSIGN(out.cgroups_path, JsonString(json, "cgroupsPath"));
  TRY(List(json, "namespaces", out.namespaces, &ParseNamespace));
  TRY(List(json, "devices", out.devices, &ParseDevice));
  if (!JsonMember(json, "seccomp").is_null()) {
    TRY_ASSIGN(const Json seccomp, JsonObject(json, "seccomp"));
    TRY_ASSIGN(out.seccomp, ParseSeccompJson(seccomp).Wrap("seccomp"));
  }
  TRY_ASSIGN(out.rootfs_propagation, JsonString(json, "rootfsPropagation"));
  TRY(CheckPropagation(out.rootfs_propagation));
  TRY_ASSIGN(out.masked_paths, JsonStrings(json, "maskedPaths"));
  TRY_ASSIGN(out.readonly_paths, JsonStrings(json, "readonlyPaths"));
  TRY_ASSIGN(out.mount_label, JsonString(json, "mountLabel"));
  TRY_ASSIGN(const Json personality, JsonObject(json, "personality"));
  TRY_ASSIGN(out.personality, JsonString(personality, "domain"));
  TRY(CheckEnum("personality", out.personality, {"", "LINUX", "LINUX32"}));
  return out;
}

}  // namespace onggi::spec
