// Describe: which members of the engine's structs are stored, under which names. One row per
// member; the same rows write and read (record/fields.h). A new member is a new row; a name is
// never given a second meaning.
#pragma once

#include "engine/container/container_config.h"
#include "engine/pod/pod_config.h"

// The structs of other namespaces are described where argument-dependent lookup finds them.
namespace onggi::spec {

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, IdMapping>
void Describe(Archive& a, T& v) {
  a("container", v.container_id);
  a("host", v.host_id);
  a("size", v.size);
}

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, Hugepage>
void Describe(Archive& a, T& v) {
  a("page_size", v.page_size);
  a("limit", v.limit);
}

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, Rlimit>
void Describe(Archive& a, T& v) {
  a("type", v.type);
  a("soft", v.soft);
  a("hard", v.hard);
}

}  // namespace onggi::spec

namespace onggi {

#define ONGGI_DESCRIBE(Type)                            \
  template <typename Archive, typename T>               \
  requires std::is_same_v<std::remove_const_t<T>, Type> \
  void Describe(Archive& a, T& v)

ONGGI_DESCRIBE(PortMapping) {
  a("protocol", v.protocol);
  a("container_port", v.container_port);
  a("host_port", v.host_port);
  a("host_ip", v.host_ip);
}

ONGGI_DESCRIBE(UserNamespace) {
  a("mode", v.mode);
  a("uids", v.uids);
  a("gids", v.gids);
}

ONGGI_DESCRIBE(NamespaceOptions) {
  a("network", v.network);
  a("pid", v.pid);
  a("ipc", v.ipc);
  a("target_id", v.target_id);
  a("user", v.user);
}

ONGGI_DESCRIBE(SecurityProfile) {
  a("type", v.type);
  a("localhost_ref", v.localhost_ref);
}

ONGGI_DESCRIBE(SelinuxOptions) {
  a("user", v.user);
  a("role", v.role);
  a("type", v.type);
  a("level", v.level);
}

ONGGI_DESCRIBE(Resources) {
  a("cpu_period_us", v.cpu_period_us);
  a("cpu_quota_us", v.cpu_quota_us);
  a("cpu_shares", v.cpu_shares);
  a("memory_limit_bytes", v.memory_limit_bytes);
  a("memory_swap_limit_bytes", v.memory_swap_limit_bytes);
  a("oom_score_adj", v.oom_score_adj);
  a("cpuset_cpus", v.cpuset_cpus);
  a("cpuset_mems", v.cpuset_mems);
  a("pids_limit", v.pids_limit);
  a("hugepage_limits", v.hugepage_limits);
  a("unified", v.unified);
}

ONGGI_DESCRIBE(DnsConfig) {
  a("servers", v.servers);
  a("searches", v.searches);
  a("options", v.options);
}

ONGGI_DESCRIBE(PodMetadata) {
  a("name", v.name);
  a("uid", v.uid);
  a("namespace", v.name_space);
  a("attempt", v.attempt);
}

ONGGI_DESCRIBE(PodConfig) {
  a("metadata", v.metadata);
  a("hostname", v.hostname);
  a("log_directory", v.log_directory);
  a("dns", v.dns);
  a("port_mappings", v.port_mappings);
  a("labels", v.labels);
  a("annotations", v.annotations);
  a("cgroup_parent", v.cgroup_parent);
  a("sysctls", v.sysctls);
  a("namespaces", v.namespaces);
  a("privileged", v.privileged);
  a("readonly_rootfs", v.readonly_rootfs);
  a("run_as_user", v.run_as_user);
  a("run_as_group", v.run_as_group);
  a("supplemental_groups", v.supplemental_groups);
  a("selinux", v.selinux);
  a("overhead", v.overhead);
  a("resources", v.resources);
  a("runtime_handler", v.runtime_handler);
  a("network", v.network);
  a("network_aliases", v.network_aliases);
  a("extra_hosts", v.extra_hosts);
  a("shm_size_bytes", v.shm_size_bytes);
}

ONGGI_DESCRIBE(ContainerMount) {
  a("container_path", v.container_path);
  a("host_path", v.host_path);
  a("read_only", v.read_only);
  a("recursive_read_only", v.recursive_read_only);
  a("selinux_relabel", v.selinux_relabel);
  a("propagation", v.propagation);
  a("uid_mappings", v.uid_mappings);
  a("gid_mappings", v.gid_mappings);
  a("options", v.options);
  a("image", v.image);
  a("image_sub_path", v.image_sub_path);
  a("image_digest", v.image_digest);
  a("kind", v.kind);
}

ONGGI_DESCRIBE(ContainerDevice) {
  a("container_path", v.container_path);
  a("host_path", v.host_path);
  a("permissions", v.permissions);
}

ONGGI_DESCRIBE(ContainerSecurity) {
  a("add_capabilities", v.add_capabilities);
  a("drop_capabilities", v.drop_capabilities);
  a("add_ambient_capabilities", v.add_ambient_capabilities);
  a("privileged", v.privileged);
  a("namespaces", v.namespaces);
  a("selinux", v.selinux);
  a("run_as_user", v.run_as_user);
  a("run_as_group", v.run_as_group);
  a("run_as_username", v.run_as_username);
  a("user", v.user);
  a("readonly_rootfs", v.readonly_rootfs);
  a("supplemental_groups", v.supplemental_groups);
  a("groups_policy", v.groups_policy);
  a("no_new_privs", v.no_new_privs);
  a("masked_paths", v.masked_paths);
  a("readonly_paths", v.readonly_paths);
  a("seccomp", v.seccomp);
  a("apparmor", v.apparmor);
}

ONGGI_DESCRIBE(ContainerMetadata) {
  a("name", v.name);
  a("attempt", v.attempt);
}

ONGGI_DESCRIBE(ImageSpec) {
  a("image", v.image);
  a("annotations", v.annotations);
  a("user_specified_image", v.user_specified_image);
  a("runtime_handler", v.runtime_handler);
  a("image_ref", v.image_ref);
}

ONGGI_DESCRIBE(ContainerConfig) {
  a("metadata", v.metadata);
  a("image", v.image);
  a("command", v.command);
  a("args", v.args);
  a("working_dir", v.working_dir);
  a("envs", v.envs);
  a("mounts", v.mounts);
  a("devices", v.devices);
  a("cdi_devices", v.cdi_devices);
  a("labels", v.labels);
  a("annotations", v.annotations);
  a("log_path", v.log_path);
  a("stdin_open", v.stdin_open);
  a("stdin_once", v.stdin_once);
  a("tty", v.tty);
  a("stop_signal", v.stop_signal);
  a("resources", v.resources);
  a("security", v.security);
  a("rlimits", v.rlimits);
  a("init", v.init);
}

ONGGI_DESCRIBE(ContainerUser) {
  a("uid", v.uid);
  a("gid", v.gid);
  a("supplemental_groups", v.supplemental_groups);
}

// Statuses without their config and id: those stand in columns of their own.
ONGGI_DESCRIBE(PodStatus) {
  a("state", v.state);
  a("created_at", v.created_at_ns);
  a("ips", v.ips);
  a("netns", v.netns_path);
  a("cgroup", v.cgroup_path);
  a("monitor_pid", v.monitor_pid);
  a("network_result", v.network_result);
  a("updated_resources", v.updated_resources);
}

ONGGI_DESCRIBE(ContainerStatus) {
  a("state", v.state);
  a("created_at", v.created_at_ns);
  a("started_at", v.started_at_ns);
  a("finished_at", v.finished_at_ns);
  a("exit_code", v.exit_code);
  a("reason", v.reason);
  a("message", v.message);
  a("image_id", v.image_id);
  a("image_ref", v.image_ref);
  a("log_path", v.log_path);
  a("user", v.user);
  a("stop_signal", v.stop_signal);
  a("pid", v.pid);
  a("snapshot_key", v.snapshot_key);
  a("cgroup", v.cgroup_path);
  a("restart_count", v.restart_count);
}

#undef ONGGI_DESCRIBE

}  // namespace onggi
