#include "runtime/monitor/pod_settings.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>

namespace onggi {
namespace {

enum class Owner { kNetwork, kIpc, kUts };
struct Row {
  std::string_view name;
  bool prefix;
  Owner owner;
};
// What a namespace confines: sysctl(5), ipc_namespaces(7), uts_namespaces(7).
constexpr Row kRows[] = {
    {"net.", true, Owner::kNetwork},         {"fs.mqueue.", true, Owner::kIpc},
    {"kernel.msgmax", false, Owner::kIpc},   {"kernel.msgmnb", false, Owner::kIpc},
    {"kernel.msgmni", false, Owner::kIpc},   {"kernel.sem", false, Owner::kIpc},
    {"kernel.shmall", false, Owner::kIpc},   {"kernel.shmmax", false, Owner::kIpc},
    {"kernel.shmmni", false, Owner::kIpc},   {"kernel.shm_rmid_forced", false, Owner::kIpc},
    {"kernel.hostname", false, Owner::kUts}, {"kernel.domainname", false, Owner::kUts},
};

// sysctl(8): with a '/' as first separator the two characters have changed their roles.
std::string Dotted(std::string name) {
  size_t first = name.find_first_of("./");
  if (first == std::string::npos || name[first] == '.') return name;
  for (char& c : name) c = c == '/' ? '.' : c == '.' ? '/' : c;
  return name;
}

std::string AsPath(const std::string& name) {
  std::string path = Dotted(name);
  for (char& c : path) c = c == '/' ? '.' : c == '.' ? '/' : c;
  return "sys/" + path;
}

}  // namespace

uint64_t PodNamespaceFlags(const MonitorOptions& options) {
  return (options.network ? uint64_t{CLONE_NEWNET} : 0) | (options.ipc ? CLONE_NEWIPC : 0) |
         (options.uts ? CLONE_NEWUTS : 0);
}

Result<> CheckPodSysctl(const std::string& name, const MonitorOptions& options) {
  if (name.empty()) return InvalidArgument("a sysctl without a name");
  std::string dotted = Dotted(name);
  bool plain = dotted.find("..") == std::string::npos && dotted.find("//") == std::string::npos &&
               dotted.back() != '.' && dotted.find('\0') == std::string::npos;
  for (const Row& row : kRows) {
    bool match = row.prefix ? dotted.starts_with(row.name) : dotted == row.name;
    if (!match || !plain) continue;
    bool owned = row.owner == Owner::kNetwork ? options.network
                 : row.owner == Owner::kIpc   ? options.ipc
                                              : options.uts;
    if (owned) return Ok();
    return InvalidArgument("sysctl " + name +
                           " belongs to a namespace that the pod shares with the node");
  }
  return InvalidArgument("sysctl " + name + " is not confined to a pod");
}

Result<> ApplyPodSettings(const MonitorOptions& options, const Procfs& procfs) {
  if (options.uts && !options.hostname.empty() &&
      sethostname(options.hostname.c_str(), options.hostname.size()) != 0) {
    return SysError("sethostname(" + options.hostname + ")");
  }
  for (const auto& [name, value] : options.sysctls) {
    TRY(CheckPodSysctl(name, options));
    TRY(procfs.Write(AsPath(name), value).Wrap("sysctl " + name));
  }
  return Ok();
}

}  // namespace onggi
