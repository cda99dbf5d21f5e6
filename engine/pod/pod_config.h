// PodConfig: what a caller asks of a pod sandbox, and PodStatus: what it became. The fields and
// their meaning are CRI v1's PodSandboxConfig; defaults are CRI's. No protobuf here: server/cri
// converts.
//
// Thread-safety: plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "network/network.h"
#include "runtime/spec/spec.h"

namespace onggi {

using StringMap = std::map<std::string, std::string>;

enum class NamespaceMode { kPod, kContainer, kNode, kTarget };

struct UserNamespace {
  NamespaceMode mode = NamespaceMode::kNode;  // kPod: mapped by uids and gids
  std::vector<spec::IdMapping> uids;
  std::vector<spec::IdMapping> gids;
};

struct NamespaceOptions {
  NamespaceMode network = NamespaceMode::kPod;
  NamespaceMode pid = NamespaceMode::kPod;
  NamespaceMode ipc = NamespaceMode::kPod;
  std::string target_id;  // of kTarget: a container of the same pod
  std::optional<UserNamespace> user;
};

struct SecurityProfile {
  enum class Type { kRuntimeDefault, kUnconfined, kLocalhost };
  Type type = Type::kRuntimeDefault;
  std::string localhost_ref;  // absolute path (seccomp) or loaded name (AppArmor)
};

struct SelinuxOptions {
  std::string user, role, type, level;
};

enum class SupplementalGroupsPolicy { kMerge, kStrict };

// CRI's LinuxContainerResources: 0 and "" mean "not set".
struct Resources {
  int64_t cpu_period_us = 0;
  int64_t cpu_quota_us = 0;
  int64_t cpu_shares = 0;
  int64_t memory_limit_bytes = 0;
  int64_t memory_swap_limit_bytes = 0;
  int64_t oom_score_adj = 0;
  std::string cpuset_cpus;
  std::string cpuset_mems;
  int64_t pids_limit = 0;  // not in CRI: `onggi run --pids-limit`
  std::vector<spec::Hugepage> hugepage_limits;
  StringMap unified;
};

struct DnsConfig {
  std::vector<std::string> servers;
  std::vector<std::string> searches;
  std::vector<std::string> options;
};

struct PodMetadata {
  std::string name;
  std::string uid;
  std::string name_space;
  uint32_t attempt = 0;
};

struct PodConfig {
  PodMetadata metadata;
  std::string hostname;
  std::string log_directory;     // absolute; "" for no logs
  std::optional<DnsConfig> dns;  // nullopt: the host's resolv.conf
  std::vector<PortMapping> port_mappings;
  StringMap labels;
  StringMap annotations;
  std::string cgroup_parent;
  StringMap sysctls;
  NamespaceOptions namespaces;
  bool privileged = false;
  bool readonly_rootfs = false;
  std::optional<int64_t> run_as_user;
  std::optional<int64_t> run_as_group;
  std::vector<int64_t> supplemental_groups;
  SelinuxOptions selinux;
  Resources overhead;
  Resources resources;
  std::string runtime_handler;
  // Not in CRI: `onggi run --network NAME --add-host`, shm size.
  std::string network;
  std::vector<std::string> network_aliases;
  std::vector<std::string> extra_hosts;  // "name:address"
  int64_t shm_size_bytes = 64 << 20;
};

enum class PodState { kReady, kNotReady };

struct PodStatus {
  std::string id;
  PodConfig config;
  PodState state = PodState::kNotReady;
  int64_t created_at_ns = 0;
  std::vector<std::string> ips;  // primary first; empty for the host network
  std::string netns_path;
  std::string cgroup_path;
  int32_t monitor_pid = 0;
  std::string network_result;                  // CNI result JSON, for verbose
  std::optional<Resources> updated_resources;  // UpdatePodSandboxResources
};

struct PodFilter {
  std::string id;  // a prefix is enough; unknown gives an empty list
  std::optional<PodState> state;
  StringMap labels;
};

}  // namespace onggi
