#include "runtime/cmd/command.h"
#include "runtime/cmd/foreground.h"
#include "runtime/cmd/launch.h"
#include "runtime/cmd/remove_container.h"
#include "runtime/process/hooks.h"
#include "runtime/process/reap.h"

namespace onggi {
namespace {

Result<> Start(const LaunchOptions& options, Launched& launched) {
  TRY(StartInit(launched.init));
  return RunHooks(launched.spec.hooks.poststart, launched.spec,
                  {options.id, "running", launched.init.pid, launched.state.record().bundle});
}

}  // namespace

Result<int> RunContainerCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(LaunchFlags(), words, false));
  TRY_ASSIGN(const LaunchOptions options, ParseLaunchOptions(arguments));
  const std::string what = "run container " + options.id;
  const bool detach = arguments.Has("detach");
  UniqueFd signals;
  if (!detach) {
    TRY_ASSIGN(signals, BlockSignals());
  }
  TRY_ASSIGN(Launched launched, Launch(global, options).Wrap(what));
  Result<> started = Start(options, launched);
  if (!started) {
    KillAndReap(launched.init.pidfd.get());
    (void)RemoveContainer(launched.state, launched.spec);  // the first error is the one to tell
    return Error(std::move(started).error().Wrap(what));
  }
  if (detach) return 0;
  TRY_ASSIGN(const int code, WaitInForeground(signals.get(), launched.init.pidfd.get(),
                                              options.console_socket.empty()
                                                  ? std::move(launched.init.terminal_master)
                                                  : UniqueFd()));
  if (!arguments.Has("keep")) TRY(RemoveContainer(launched.state, launched.spec).Wrap(what));
  return code;
}

}  // namespace onggi
