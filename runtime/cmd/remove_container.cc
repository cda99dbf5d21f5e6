#include "runtime/cmd/remove_container.h"

#include "runtime/cmd/launch.h"
#include "runtime/process/hooks.h"

namespace onggi {

namespace {

Result<> RemoveGroup(const Cgroup& group) {
  // The common case needs no kill: with the first process its pid namespace has ended.
  if (group.Remove(std::chrono::milliseconds(0))) return Ok();
  TRY(group.KillAll());
  return group.Remove();
}

}  // namespace

Result<> RemoveContainer(const ContainerState& state, const spec::Spec& spec) {
  const ContainerRecord& record = state.record();
  if (!record.cgroup_dirs.empty()) {
    TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
    TRY(RemoveGroup(group));
  }
  TRY(state.Remove());
  return RunHooks(spec.hooks.poststop, spec, {record.id, "stopped", 0, record.bundle});
}

Result<> RemoveHalfMade(const GlobalOptions& global, const ContainerState& state,
                        const spec::Spec& spec) {
  TRY_ASSIGN(const std::string path,
             CgroupPathOf(global, spec.linux_.cgroups_path, state.record().id));
  if (const Result<Cgroup> group = Cgroup::Open(path)) TRY(RemoveGroup(*group));
  return state.Remove();
}

}  // namespace onggi
