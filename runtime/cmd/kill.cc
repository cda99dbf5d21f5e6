#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/cmd/signal_name.h"
#include "runtime/state/container_state.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {{"all", 'a'}};

Result<> SignalAll(const ContainerState& state, int signal) {
  TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
  if (signal == SIGKILL) return group.KillAll();
  TRY_ASSIGN(const std::vector<pid_t> pids, group.Pids());
  for (const pid_t pid : pids) {
    const UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd.valid()) {
      (void)syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);  // ended meanwhile
    }
  }
  return Ok();
}

Result<> SignalInit(const ContainerState& state, int signal) {
  // The words are what callers of runc look for.
  if (state.Status() == ContainerStatus::kStopped) {
    return FailedPrecondition("container not running");
  }
  TRY_ASSIGN(const UniqueFd init, state.OpenInit());
  if (syscall(SYS_pidfd_send_signal, init.get(), signal, nullptr, 0) != 0) {
    if (errno == ESRCH) return FailedPrecondition("container not running");
    return SysError("pidfd_send_signal");
  }
  // A frozen process takes no signal; SIGKILL must work all the same.
  if (signal != SIGKILL || state.Status() != ContainerStatus::kPaused) return Ok();
  TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
  return group.Thaw();
}

}  // namespace

Result<int> KillCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(kFlags, words, false));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  const std::string text = arguments.words().size() > 1 ? arguments.words()[1] : "SIGTERM";
  TRY_ASSIGN(const int signal, ParseSignal(text));
  TRY_ASSIGN(const ContainerState state, ContainerState::Load(global.root, id));
  TRY((arguments.Has("all") ? SignalAll(state, signal) : SignalInit(state, signal))
          .Wrap("kill container " + id));
  return 0;
}

}  // namespace onggi
