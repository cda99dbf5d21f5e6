// ContainerConfig: what a caller asks of a container, and ContainerStatus: what it became. The
// fields and their meaning are CRI v1's ContainerConfig; defaults are CRI's. No protobuf here:
// server/cri converts.
//
// Thread-safety: plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/pod/pod_config.h"

namespace onggi {

struct ContainerMount {
  enum class Propagation { kPrivate, kHostToContainer, kBidirectional };
  std::string container_path;
  std::string host_path;
  bool read_only = false;
  bool recursive_read_only = false;
  bool selinux_relabel = false;
  Propagation propagation = Propagation::kPrivate;
  std::vector<spec::IdMapping> uid_mappings;
  std::vector<spec::IdMapping> gid_mappings;
  std::vector<std::string> options;  // "noexec", "nodev", "nosuid", ...
  std::string image;                 // an image volume: host_path is empty then
  std::string image_sub_path;
  std::string image_digest;  // filled in statuses
  // Not in CRI: `onggi run --tmpfs` ("tmpfs") and named volumes ("volume", host_path filled by the
  // engine).
  std::string kind;
};

struct ContainerDevice {
  std::string container_path;
  std::string host_path;
  std::string permissions;  // of "rwm"
};

struct ContainerSecurity {
  std::vector<std::string> add_capabilities;
  std::vector<std::string> drop_capabilities;
  std::vector<std::string> add_ambient_capabilities;
  bool privileged = false;
  NamespaceOptions namespaces;
  SelinuxOptions selinux;
  std::optional<int64_t> run_as_user;
  std::optional<int64_t> run_as_group;
  std::string run_as_username;
  // As typed after `-u`: "user", "uid:gid", ...; overrides the image's. Not in CRI.
  std::string user;
  bool readonly_rootfs = false;
  std::vector<int64_t> supplemental_groups;
  SupplementalGroupsPolicy groups_policy = SupplementalGroupsPolicy::kMerge;
  bool no_new_privs = false;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::optional<SecurityProfile> seccomp;  // nullopt: unconfined, as CRI has it
  std::optional<SecurityProfile> apparmor;
};

struct ContainerMetadata {
  std::string name;
  uint32_t attempt = 0;
};

struct ImageSpec {
  std::string image;
  StringMap annotations;
  std::string user_specified_image;
  std::string runtime_handler;
  std::string image_ref;
};

struct ContainerConfig {
  ContainerMetadata metadata;
  ImageSpec image;
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string working_dir;
  std::vector<std::pair<std::string, std::string>> envs;  // values are bytes
  std::vector<ContainerMount> mounts;
  std::vector<ContainerDevice> devices;
  std::vector<std::string> cdi_devices;
  StringMap labels;
  StringMap annotations;
  std::string log_path;  // relative to the pod's log_directory
  bool stdin_open = false;
  bool stdin_once = false;
  bool tty = false;
  int stop_signal = 0;  // a Linux signal number; 0: the image's, else SIGTERM
  Resources resources;
  ContainerSecurity security;
  // Not in CRI: `onggi run --ulimit --init`.
  std::vector<spec::Rlimit> rlimits;
  bool init = false;
};

enum class ContainerState { kCreated, kRunning, kExited, kUnknown };

struct ContainerUser {
  int64_t uid = 0;
  int64_t gid = 0;
  std::vector<int64_t> supplemental_groups;
};

struct ContainerStatus {
  std::string id;
  std::string pod_id;
  ContainerConfig config;  // resources and mounts as applied
  ContainerState state = ContainerState::kCreated;
  int64_t created_at_ns = 0;
  int64_t started_at_ns = 0;
  int64_t finished_at_ns = 0;
  int exit_code = 0;
  std::string reason;  // "OOMKilled", "Completed", "Error", "StartError", ...
  std::string message;
  std::string image_id;
  std::string image_ref;  // a repo digest when there is one, else the id
  std::string log_path;   // absolute
  ContainerUser user;
  int stop_signal = 15;
  int32_t pid = 0;
  std::string snapshot_key;
  std::string cgroup_path;
  int restart_count = 0;
};

struct ContainerFilter {
  std::string id;  // a prefix is enough; unknown gives an empty list
  std::string pod_id;
  std::optional<ContainerState> state;
  StringMap labels;
};

}  // namespace onggi
