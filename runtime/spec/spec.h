// Spec: the OCI runtime specification 1.2 "config.json", as far as Linux containers use it, in
// plain structs. Names are the specification's, in snake_case. Absent optional values are
// std::nullopt or empty.
//
// One extension: rootfs, the mount that a snapshotter answered, which the runtime makes inside the
// container's own mount namespace ("onggi.rootfs" in the JSON). Without it root.path must be a
// directory.
//
// Thread-safety: plain data. No system call is made here or in parse.h.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace onggi::spec {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::optional<mode_t> umask;
  std::vector<gid_t> additional_gids;
  std::string username;
};

struct Rlimit {
  std::string type;  // "RLIMIT_NOFILE"
  uint64_t soft = 0;
  uint64_t hard = 0;
};

// Sets of names like "CAP_CHOWN".
struct Capabilities {
  std::vector<std::string> bounding, effective, inheritable, permitted, ambient;
};

struct Process {
  bool terminal = false;
  uint16_t console_width = 0;
  uint16_t console_height = 0;
  User user;
  std::vector<std::string> args;
  std::vector<std::string> env;  // "KEY=value"; values are bytes
  std::string cwd = "/";
  std::optional<Capabilities> capabilities;
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::string selinux_label;
  std::optional<int> oom_score_adj;
};

struct IdMapping {
  uint32_t container_id = 0;
  uint32_t host_id = 0;
  uint32_t size = 0;
};

struct Mount {
  std::string destination;
  std::string type;  // "bind", "proc", "tmpfs", ...
  std::string source;
  std::vector<std::string> options;
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
};

struct Namespace {
  std::string type;  // "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"
  std::string path;  // "" makes a new one
};

struct Device {
  std::string path;
  std::string type;  // "c", "b", "p", "u"
  int64_t major = 0;
  int64_t minor = 0;
  std::optional<mode_t> file_mode;
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};

struct DeviceRule {
  bool allow = false;
  std::string type;  // "a", "b", "c"; "" is "a"
  std::optional<int64_t> major;
  std::optional<int64_t> minor;
  std::string access;  // of "rwm"
};

struct Hugepage {
  std::string page_size;  // "2MB"
  uint64_t limit = 0;
};

// Values as the specification has them (cgroup v1 words); the cgroup code converts for v2.
struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<int64_t> memory_limit;  // bytes, -1 unlimited
  std::optional<int64_t> memory_reservation;
  std::optional<int64_t> memory_swap;  // memory + swap
  std::optional<bool> disable_oom_killer;
  std::optional<uint64_t> cpu_shares;
  std::optional<int64_t> cpu_quota;    // us per period
  std::optional<uint64_t> cpu_period;  // us
  std::optional<int64_t> cpu_idle;
  std::string cpuset_cpus;
  std::string cpuset_mems;
  std::optional<int64_t> pids_limit;
  std::optional<uint16_t> blkio_weight;
  std::vector<Hugepage> hugepage_limits;
  std::map<std::string, std::string> unified;
};

struct SeccompArg {
  uint32_t index = 0;
  uint64_t value = 0;
  uint64_t value_two = 0;
  std::string op;  // "SCMP_CMP_EQ", ...
};
struct SeccompRule {
  std::vector<std::string> names;
  std::string action;  // "SCMP_ACT_ALLOW", ...
  std::optional<uint32_t> errno_ret;
  std::vector<SeccompArg> args;
};
struct Seccomp {
  std::string default_action;
  std::optional<uint32_t> default_errno_ret;
  std::vector<std::string> architectures;
  std::vector<std::string> flags;
  std::string listener_path;
  std::string listener_metadata;
  std::vector<SeccompRule> syscalls;
};

struct Hook {
  std::string path;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::optional<int> timeout_s;
};
struct Hooks {
  std::vector<Hook> prestart, create_runtime, create_container, start_container, poststart,
      poststop;
};

struct Linux {
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
  std::map<std::string, std::string> sysctl;
  Resources resources;
  std::string cgroups_path;
  std::vector<Namespace> namespaces;
  std::vector<Device> devices;
  std::optional<Seccomp> seccomp;
  std::string rootfs_propagation;  // "private", "slave", "shared", "rprivate", ...
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::string mount_label;
  std::string personality;  // "LINUX", "LINUX32", ""
};

// See snapshotter/snapshotter.h, RootfsMount: lower is ordered from the top layer to the lowest.
struct Rootfs {
  std::vector<std::string> lower;
  std::string upper;  // "" for read-only
  std::string work;
  std::string source;  // a directory to bind instead of an overlay
};

struct Spec {
  std::string oci_version = "1.2.0";
  std::string root_path;
  bool root_readonly = false;
  std::optional<Rootfs> rootfs;
  std::optional<Process> process;
  std::string hostname;
  std::string domainname;
  std::vector<Mount> mounts;
  Hooks hooks;
  std::map<std::string, std::string> annotations;
  Linux linux_;
};

}  // namespace onggi::spec
