#include "runtime/monitor/container_spec.h"

#include <algorithm>

namespace onggi {
namespace {

bool Has(const spec::Spec& spec, std::string_view type) {
  const auto& all = spec.linux_.namespaces;
  return std::any_of(all.begin(), all.end(), [&](const auto& space) { return space.type == type; });
}

}  // namespace

void FitSpecToPod(spec::Spec& spec, PidSource pid, bool pod_has_user_namespace) {
  auto& namespaces = spec.linux_.namespaces;
  std::erase_if(namespaces, [](const spec::Namespace& space) {
    bool of_pod = space.type == "network" || space.type == "ipc" || space.type == "uts";
    return space.type == "pid" || space.type == "user" || (of_pod && space.path.empty());
  });
  if (pod_has_user_namespace) namespaces.push_back({.type = "user", .path = ""});
  // One that is joined has its descriptor put in its place.
  if (pid != PidSource::kHost) namespaces.push_back({.type = "pid", .path = ""});
  if (!Has(spec, "mount")) namespaces.push_back({.type = "mount", .path = ""});
  if (!Has(spec, "uts")) {
    spec.hostname.clear();  // the pod's, set once
    spec.domainname.clear();
  }
  if (spec.process && !spec.process->oom_score_adj) spec.process->oom_score_adj = 0;
}

spec::Spec KeptSpec(spec::Spec spec) {
  spec::Spec kept;
  kept.process = std::move(spec.process);
  if (kept.process) {
    std::vector<std::string>().swap(kept.process->env);
    std::vector<std::string>().swap(kept.process->args);
  }
  kept.linux_.namespaces = std::move(spec.linux_.namespaces);
  kept.linux_.personality = std::move(spec.linux_.personality);
  kept.linux_.uid_mappings = std::move(spec.linux_.uid_mappings);
  kept.linux_.gid_mappings = std::move(spec.linux_.gid_mappings);
  if (spec.linux_.seccomp) {
    kept.linux_.seccomp = std::move(spec.linux_.seccomp);
    std::vector<spec::SeccompRule>().swap(kept.linux_.seccomp->syscalls);  // the program is kept
  }
  return kept;
}

}  // namespace onggi
