#include "engine/container/mount_table.h"

#include <algorithm>
#include <map>

namespace onggi {
namespace {

using Options = std::vector<std::string>;

struct Default {
  const char* destination;
  const char* type;
  const char* source;
  Options options;
};

const std::vector<Default>& Defaults() {
  static const std::vector<Default> table = {
      {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
      {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
      {"/dev/pts",
       "devpts",
       "devpts",
       {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
      {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
      {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
      {"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}},
  };
  return table;
}

bool HasUserNamespace(const PodConfig& pod) {
  return pod.namespaces.user && pod.namespaces.user->mode == NamespaceMode::kPod;
}

spec::Mount Bind(const std::string& destination, const std::string& source, Options options) {
  spec::Mount mount;
  mount.destination = destination;
  mount.type = "bind";
  mount.source = source;
  mount.options = std::move(options);
  return mount;
}

std::vector<spec::Mount> DefaultMounts(const MountInput& input) {
  std::vector<spec::Mount> mounts;
  bool privileged = input.config->security.privileged;
  // sysfs shows the network namespace of the one that mounts it; a user namespace that does not own
  // that namespace may not, so the host's is bound instead.
  bool bind_sys =
      HasUserNamespace(*input.pod) && input.pod->namespaces.network == NamespaceMode::kNode;
  // An mqueue belongs to the ipc namespace: in the host's the host's own queues are shown.
  for (const Default& row : Defaults()) {
    spec::Mount mount{row.destination, row.type, row.source, row.options, {}, {}};
    if (bind_sys && mount.destination == "/sys") {
      mount = Bind("/sys", "/sys", {"rbind", "nosuid", "noexec", "nodev", "rro"});
    }
    if (privileged) {
      auto& options = mount.options;
      options.erase(std::remove(options.begin(), options.end(), "ro"), options.end());
      if (mount.type == "sysfs" || mount.type == "cgroup") options.emplace_back("rw");
    }
    mounts.push_back(std::move(mount));
  }
  const Options shm_options = {"rbind", "rprivate", "rw", "nosuid", "nodev", "noexec"};
  bool host_ipc = input.pod->namespaces.ipc == NamespaceMode::kNode;
  mounts.push_back(Bind("/dev/shm", host_ipc ? "/dev/shm" : input.shm, shm_options));
  const char* write = input.config->security.readonly_rootfs ? "ro" : "rw";
  for (const char* name : {"hosts", "hostname", "resolv.conf"}) {
    mounts.push_back(Bind(std::string("/etc/") + name, input.pod_files + "/" + name,
                          {"rbind", "rprivate", write}));
  }
  return mounts;
}

spec::Mount FromConfig(const ContainerMount& m) {
  static constexpr const char* kPropagation[] = {"rprivate", "rslave", "rshared"};
  spec::Mount mount;
  mount.destination = m.container_path;
  if (m.kind == "tmpfs") {
    mount.type = mount.source = "tmpfs";
    mount.options = {"nosuid", "nodev", m.read_only ? "ro" : "rw"};
  } else {
    mount.type = "bind";
    mount.source = m.host_path;
    mount.options = {"rbind", kPropagation[static_cast<size_t>(m.propagation)],
                     m.recursive_read_only ? "rro" : (m.read_only ? "ro" : "rw")};
  }
  mount.options.insert(mount.options.end(), m.options.begin(), m.options.end());
  if (!m.uid_mappings.empty()) {
    mount.options.emplace_back("idmap");
    mount.uid_mappings = m.uid_mappings;
    mount.gid_mappings = m.gid_mappings;
  }
  return mount;
}

size_t Depth(const std::string& path) {
  size_t depth = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '/' && (i == 0 || path[i - 1] == '/')) ++depth;
  }
  return depth;
}

// "/a//b/" and "/a/b" are one place.
std::string Clean(const std::string& path) {
  std::string out;
  for (char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

bool IsBelow(const std::string& path, const std::string& parent) {
  return path.size() > parent.size() && path.compare(0, parent.size(), parent) == 0 &&
         path[parent.size()] == '/';
}

}  // namespace

std::vector<spec::Mount> BuildMounts(const MountInput& input) {
  std::vector<spec::Mount> asked;
  for (const ContainerMount& mount : input.config->mounts) {
    if (mount.image.empty()) asked.push_back(FromConfig(mount));  // the others are volumes
  }
  std::vector<spec::Mount> all;
  std::map<std::string, bool> taken;  // destination -> asked by the configuration
  for (spec::Mount& mount : asked) taken[Clean(mount.destination)] = true;
  for (const spec::Mount& mount : input.volumes) taken[Clean(mount.destination)] = true;
  for (spec::Mount& mount : DefaultMounts(input)) {
    bool replaced = taken.count(mount.destination) != 0;
    bool hidden = taken.count("/dev") != 0 && IsBelow(mount.destination, "/dev");
    if (!replaced && !hidden) all.push_back(std::move(mount));
  }
  for (spec::Mount& mount : asked) all.push_back(std::move(mount));
  for (const spec::Mount& mount : input.volumes) all.push_back(mount);
  // Parents before children; of one depth the defaults come first, as what was asked may stand on
  // them.
  std::stable_sort(all.begin(), all.end(), [](const spec::Mount& a, const spec::Mount& b) {
    return Depth(a.destination) < Depth(b.destination);
  });
  return all;
}

std::string RootPropagation(const std::vector<ContainerMount>& mounts) {
  using Propagation = ContainerMount::Propagation;
  auto widest = Propagation::kPrivate;
  for (const ContainerMount& mount : mounts) widest = std::max(widest, mount.propagation);
  switch (widest) {
    case Propagation::kBidirectional:
      return "rshared";
    case Propagation::kHostToContainer:
      return "rslave";
    case Propagation::kPrivate:
      break;
  }
  return "rprivate";
}

}  // namespace onggi
