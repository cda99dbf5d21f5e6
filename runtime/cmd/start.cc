#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/process/container_process.h"
#include "runtime/process/hooks.h"
#include "runtime/state/container_state.h"

namespace onggi {

Result<int> StartCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse({}, words, false));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  TRY_ASSIGN(const ContainerState state, ContainerState::Load(global.root, id));
  const ContainerStatus status = state.Status();
  if (status != ContainerStatus::kCreated) {
    return FailedPrecondition("container " + id + " is " + std::string(StatusName(status)) +
                              ", not created");
  }
  TRY(ReleaseInitAt(state.StartSocket()).Wrap("start container " + id));
  TRY_ASSIGN(const spec::Spec spec, state.ReadSpec());
  TRY(RunHooks(spec.hooks.poststart, spec,
               {id, "running", state.record().pid, state.record().bundle}));
  return 0;
}

}  // namespace onggi
