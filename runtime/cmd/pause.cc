#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/state/container_state.h"

namespace onggi {
namespace {

Result<ContainerState> Expect(const GlobalOptions& global, Words words, ContainerStatus expected) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse({}, words, false));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  TRY_ASSIGN(ContainerState state, ContainerState::Load(global.root, id));
  if (state.Status() == expected) return state;
  return FailedPrecondition("container " + id + " is not " + std::string(StatusName(expected)));
}

}  // namespace

Result<int> PauseCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const ContainerState state, Expect(global, words, ContainerStatus::kRunning));
  TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
  TRY(group.Freeze());
  return 0;
}

Result<int> ResumeCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const ContainerState state, Expect(global, words, ContainerStatus::kPaused));
  TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
  TRY(group.Thaw());
  return 0;
}

}  // namespace onggi
