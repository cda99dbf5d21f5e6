#include "runtime/cmd/remove_container.h"

#include "runtime/process/hooks.h"

namespace onggi {

Result<> RemoveContainer(const ContainerState& state, const spec::Spec& spec) {
  const ContainerRecord& record = state.record();
  if (!record.cgroup_dirs.empty()) {
    TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
    // The common case needs no kill: with the first process its pid namespace has ended.
    if (!group.Remove(std::chrono::milliseconds(0))) {
      TRY(group.KillAll());
      TRY(group.Remove());
    }
  }
  TRY(state.Remove());
  return RunHooks(spec.hooks.poststop, spec, {record.id, "stopped", 0, record.bundle});
}

}  // namespace onggi
