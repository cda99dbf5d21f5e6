#include "engine/container/spec_builder.h"

#include "base/file_io.h"
#include "engine/container/capabilities.h"
#include "engine/container/device_table.h"
#include "engine/container/mount_table.h"
#include "engine/container/process_args.h"
#include "engine/container/seccomp_profile.h"

namespace onggi {
namespace {

bool HasUserNamespace(const PodConfig& pod) {
  return pod.namespaces.user && pod.namespaces.user->mode == NamespaceMode::kPod;
}

Result<spec::Process> BuildProcess(const SpecInput& in) {
  const ContainerSecurity& security = in.config->security;
  spec::Process process;
  process.terminal = in.config->tty;
  process.user = in.user.user;
  TRY_ASSIGN(process.args, ResolveArgs(*in.config, *in.image));
  process.env = ResolveEnvironment({in.config, in.image, in.hostname, in.user.home});
  TRY_ASSIGN(process.cwd, ResolveWorkingDir(*in.config, *in.image));
  process.capabilities = ResolveCapabilities(security, in.default_capabilities);
  process.rlimits = in.config->rlimits;
  process.no_new_privileges = security.no_new_privs;
  // Always written: otherwise the monitor's own low score would be inherited.
  process.oom_score_adj = static_cast<int>(in.config->resources.oom_score_adj);
  if (security.apparmor && security.apparmor->type == SecurityProfile::Type::kLocalhost) {
    process.apparmor_profile = security.apparmor->localhost_ref;
  }
  return process;
}

Result<std::optional<spec::Seccomp>> BuildSeccomp(const SpecInput& in,
                                                  const spec::Capabilities& capabilities) {
  const auto& asked = in.config->security.seccomp;
  if (in.config->security.privileged || !asked ||
      asked->type == SecurityProfile::Type::kUnconfined) {
    return std::optional<spec::Seccomp>();
  }
  std::string file =
      asked->type == SecurityProfile::Type::kLocalhost ? asked->localhost_ref : in.seccomp_profile;
  if (file.empty()) return std::optional<spec::Seccomp>(DefaultSeccomp(capabilities.bounding));
  TRY_ASSIGN(spec::Seccomp profile, LoadSeccompFile(file));
  return std::optional<spec::Seccomp>(std::move(profile));
}

void AddNamespaces(const SpecInput& in, spec::Linux& out) {
  const NamespaceOptions& pod = in.pod->namespaces;
  out.namespaces.push_back({"mount", ""});
  if (in.config->security.namespaces.pid != NamespaceMode::kNode) {
    out.namespaces.push_back({"pid", ""});
  }
  // A privileged container sees the node's cgroups, as tools that manage the node expect.
  if (!in.config->security.privileged) out.namespaces.push_back({"cgroup", ""});
  auto share = [&](const char* type, bool owned) {
    if (owned) out.namespaces.push_back({type, in.namespace_path(type)});
  };
  share("network", pod.network == NamespaceMode::kPod);
  share("uts", pod.network == NamespaceMode::kPod);
  share("ipc", pod.ipc == NamespaceMode::kPod);
  share("user", HasUserNamespace(*in.pod));
  if (HasUserNamespace(*in.pod)) {
    out.uid_mappings = pod.user->uids;
    out.gid_mappings = pod.user->gids;
  }
}

Result<> AddDevices(const SpecInput& in, spec::Linux& out) {
  TRY_ASSIGN(DeviceSet set, ResolveDevices(in.config->devices));
  if (in.config->security.privileged) {
    TRY_ASSIGN(DeviceSet all, AllDevices());
    set.nodes.insert(set.nodes.begin(), all.nodes.begin(), all.nodes.end());
    set.rules.insert(set.rules.begin(), all.rules.begin(), all.rules.end());
  } else {
    spec::DeviceRule none;
    none.allow = false;
    none.type = "a";
    none.access = "rwm";
    set.rules.insert(set.rules.begin(), none);
  }
  out.devices = std::move(set.nodes);
  out.resources.devices = std::move(set.rules);
  return Ok();
}

}  // namespace

Result<spec::Spec> BuildSpec(const SpecInput& in) {
  spec::Spec spec;
  TRY_ASSIGN(spec.process, BuildProcess(in));
  spec.root_readonly = in.config->security.readonly_rootfs;
  spec.rootfs.emplace();
  spec.rootfs->lower = in.rootfs.lower;
  spec.rootfs->upper = in.rootfs.upper;
  spec.rootfs->work = in.rootfs.work;
  spec.rootfs->source = in.rootfs.source;
  spec.mounts = BuildMounts({in.config, in.pod, in.pod_files, in.shm, in.volumes});
  spec.annotations = in.config->annotations;
  spec.linux_.resources = ToSpecResources(in.config->resources);
  TRY(AddDevices(in, spec.linux_));
  spec.linux_.cgroups_path = in.cgroup_path;
  AddNamespaces(in, spec.linux_);
  spec.linux_.rootfs_propagation = RootPropagation(in.config->mounts);
  if (!in.config->security.privileged) {
    spec.linux_.masked_paths = in.config->security.masked_paths;
    spec.linux_.readonly_paths = in.config->security.readonly_paths;
  }
  TRY_ASSIGN(spec.linux_.seccomp, BuildSeccomp(in, *spec.process->capabilities));
  return spec;
}

bool CanLimitSwap() {
  static const bool can =
      PathExists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes") ||
      (PathExists("/sys/fs/cgroup/cgroup.controllers") && PathExists("/proc/swaps"));
  return can;
}

spec::Resources ToSpecResources(const Resources& r) {
  spec::Resources out;
  if (r.cpu_period_us != 0) out.cpu_period = static_cast<uint64_t>(r.cpu_period_us);
  if (r.cpu_quota_us != 0) out.cpu_quota = r.cpu_quota_us;
  if (r.cpu_shares != 0) out.cpu_shares = static_cast<uint64_t>(r.cpu_shares);
  if (r.memory_limit_bytes != 0) out.memory_limit = r.memory_limit_bytes;
  if (CanLimitSwap()) {
    if (r.memory_swap_limit_bytes != 0) {
      out.memory_swap = r.memory_swap_limit_bytes;
    } else if (r.memory_limit_bytes != 0) {
      out.memory_swap = r.memory_limit_bytes;
    }
  }
  out.cpuset_cpus = r.cpuset_cpus;
  out.cpuset_mems = r.cpuset_mems;
  if (r.pids_limit != 0) out.pids_limit = r.pids_limit;
  for (const spec::Hugepage& page : r.hugepage_limits) {
    // kubelet lists every size; nothing has to be written for one that the node does not account.
    if (page.limit != 0 || PathExists("/sys/kernel/mm/hugepages")) {
      out.hugepage_limits.push_back(page);
    }
  }
  out.unified = r.unified;
  return out;
}

const std::vector<std::string>& DefaultMaskedPaths() {
  static const std::vector<std::string> paths = {
      "/proc/asound",     "/proc/acpi",        "/proc/interrupts",
      "/proc/kcore",      "/proc/keys",        "/proc/latency_stats",
      "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
      "/proc/scsi",       "/sys/firmware",     "/sys/devices/virtual/powercap"};
  return paths;
}

const std::vector<std::string>& DefaultReadonlyPaths() {
  static const std::vector<std::string> paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                                 "/proc/sysrq-trigger"};
  return paths;
}

}  // namespace onggi
