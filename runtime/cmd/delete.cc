#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/cmd/remove_container.h"
#include "runtime/state/container_state.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {{"force", 'f'}};
constexpr int kEndTimeoutMs = 10'000;

Result<> EndInit(const ContainerState& state) {
  Result<UniqueFd> init = state.OpenInit();
  if (!init) return Ok();                                                  // ended meanwhile
  (void)syscall(SYS_pidfd_send_signal, init->get(), SIGKILL, nullptr, 0);  // the same
  if (const Result<Cgroup> group = state.OpenCgroup()) {
    (void)group->Thaw();  // v1 holds even SIGKILL back while frozen
  }
  pollfd ended{init->get(), POLLIN, 0};
  if (poll(&ended, 1, kEndTimeoutMs) == 1) return Ok();
  return DeadlineExceeded("the first process does not end after SIGKILL");
}

}  // namespace

Result<int> DeleteCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(kFlags, words, false));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  const bool force = arguments.Has("force");
  Result<ContainerState> state = ContainerState::Load(global.root, id);
  if (!state) {
    if (force && state.error().code() == Code::kNotFound) return 0;
    return std::move(state).error();
  }
  const ContainerStatus status = state->Status();
  if (!force && (status == ContainerStatus::kRunning || status == ContainerStatus::kPaused)) {
    return FailedPrecondition("container " + id + " is " + std::string(StatusName(status)) +
                              "; stop it, or use --force");
  }
  const std::string what = "delete container " + id;
  if (status != ContainerStatus::kStopped) TRY(EndInit(*state).Wrap(what));
  // An unreadable configuration must not keep a container for ever: then no hook is known.
  Result<spec::Spec> spec = state->ReadSpec();
  if (spec && state->record().pid == 0) {
    TRY(RemoveHalfMade(global, *state, *spec).Wrap(what));
    return 0;
  }
  TRY(RemoveContainer(*state, spec ? *spec : spec::Spec()).Wrap(what));
  return 0;
}

}  // namespace onggi
