#include "base/file_io.h"
#include "base/strings.h"
#include "runtime/cmd/command.h"
#include "runtime/cmd/foreground.h"
#include "runtime/cmd/launch.h"
#include "runtime/kernel/terminal.h"
#include "runtime/process/container_process.h"
#include "runtime/spec/parse.h"
#include "runtime/state/container_state.h"
#include "runtime/state/seccomp_cache.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {
    {"process", 'p', true}, {"cwd", 0, true},           {"env", 'e', true},
    {"tty", 't'},           {"user", 'u', true},        {"additional-gids", 'g', true},
    {"detach", 'd'},        {"pid-file", 0, true},      {"console-socket", 0, true},
    {"cap", 'c', true},     {"preserve-fds", 0, true},  {"no-new-privs"},
    {"apparmor", 0, true},  {"process-label", 0, true}, {"ignore-paused"},
    {"cgroup", 0, true}};

// Numbers only: names are resolved by whoever reads the image's passwd, and a number that does not
// parse is never a name (CVE-2026-30892).
Result<uint32_t> ParseId(std::string_view text) {
  const auto id = ParseUint(text);
  if (!id || *id > INT32_MAX) return InvalidArgument("user " + Quote(text) + " is not a number");
  return static_cast<uint32_t>(*id);
}

Result<> ApplyUser(const Arguments& arguments, spec::User& user) {
  if (arguments.Has("user")) {
    user = {};
    const std::string text = arguments.Get("user");
    const size_t colon = text.find(':');
    TRY_ASSIGN(user.uid, ParseId(std::string_view(text).substr(0, colon)));
    if (colon != std::string::npos) {
      TRY_ASSIGN(user.gid, ParseId(std::string_view(text).substr(colon + 1)));
    }
  }
  for (const std::string& group : arguments.All("additional-gids")) {
    TRY_ASSIGN(const uint32_t gid, ParseId(group));
    user.additional_gids.push_back(gid);
  }
  return Ok();
}

void AddCapabilities(const std::vector<std::string>& names, spec::Process& process) {
  if (names.empty()) return;
  if (!process.capabilities) process.capabilities.emplace();
  for (const std::string& name : names) {
    for (auto* set : {&process.capabilities->bounding, &process.capabilities->effective,
                      &process.capabilities->permitted}) {
      set->push_back(name);
    }
  }
}

// From --process, or the container's own process with what the flags change.
Result<spec::Process> ProcessOf(const Arguments& arguments, const spec::Spec& container) {
  if (arguments.Has("process")) {
    TRY_ASSIGN(const std::string text, ReadFile(arguments.Get("process")));
    TRY_ASSIGN(spec::Process process, spec::ParseProcess(text).Wrap("--process"));
    process.terminal = process.terminal || arguments.Has("tty");
    return process;
  }
  if (!container.process) return InvalidArgument("the container has no process to go by");
  spec::Process process = *container.process;
  process.args.assign(arguments.words().begin() + 1, arguments.words().end());
  if (process.args.empty()) return InvalidArgument("the command to execute is missing");
  process.terminal = arguments.Has("tty");
  process.cwd = arguments.Get("cwd", process.cwd);
  for (const std::string& entry : arguments.All("env")) process.env.push_back(entry);
  if (arguments.Has("no-new-privs")) process.no_new_privileges = true;
  process.apparmor_profile = arguments.Get("apparmor", process.apparmor_profile);
  process.selinux_label = arguments.Get("process-label", process.selinux_label);
  TRY(ApplyUser(arguments, process.user));
  AddCapabilities(arguments.All("cap"), process);
  return process;
}

Result<> CheckStatus(const ContainerState& state, bool ignore_paused) {
  const ContainerStatus status = state.Status();
  const bool paused = status == ContainerStatus::kPaused;
  if (status == ContainerStatus::kStopped || (paused && !ignore_paused)) {
    return FailedPrecondition("container " + state.record().id + " is " +
                              std::string(StatusName(status)));
  }
  return Ok();
}

Result<StartedExec> StartIn(const GlobalOptions& global, const ContainerState& state,
                            const Arguments& arguments) {
  TRY_ASSIGN(const spec::Spec container, state.ReadSpec());
  TRY_ASSIGN(const spec::Process process, ProcessOf(arguments, container));
  TRY_ASSIGN(const UniqueFd init, state.OpenInit());
  const auto fds = ParseUint(arguments.Get("preserve-fds", "0"));
  if (!fds || *fds > 1024) return InvalidArgument("--preserve-fds is not a number up to 1024");
  if (process.terminal && arguments.Has("detach") && !arguments.Has("console-socket")) {
    return InvalidArgument("a detached terminal needs --console-socket");
  }
  ExecOptions options{.target_pidfd = init.get(), .stdio = {0, 1, 2}};
  options.cgroup_dirs = state.record().cgroup_dirs;
  options.preserve_fds = static_cast<int>(*fds);
  std::vector<sock_filter> program;
  if (container.linux_.seccomp) {
    TRY_ASSIGN(program, CachedSeccomp(global.root, *container.linux_.seccomp));
    options.seccomp = &program;
  }
  return StartExec(container, process, options);
}

}  // namespace

Result<int> ExecCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(kFlags, words, true));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  TRY_ASSIGN(const ContainerState state, ContainerState::Load(global.root, id));
  TRY(CheckStatus(state, arguments.Has("ignore-paused")));
  UniqueFd signals;
  if (!arguments.Has("detach")) {
    TRY_ASSIGN(signals, BlockSignals());
  }
  TRY_ASSIGN(StartedExec exec, StartIn(global, state, arguments).Wrap("exec in container " + id));
  if (arguments.Has("console-socket") && exec.terminal_master.valid()) {
    TRY(SendTerminal(arguments.Get("console-socket"), exec.terminal_master.get()));
    exec.terminal_master.reset();
  }
  TRY(WritePidFile(arguments.Get("pid-file"), exec.pid));
  if (arguments.Has("detach")) return 0;
  return WaitInForeground(signals.get(), exec.pidfd.get(), std::move(exec.terminal_master));
}

}  // namespace onggi
