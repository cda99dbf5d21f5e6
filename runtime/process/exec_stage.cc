// A further process in a running container: born in its pid namespace, then into all others at
// once.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file_io.h"
#include "runtime/kernel/keyring.h"
#include "runtime/kernel/namespaces.h"
#include "runtime/kernel/oom_score.h"
#include "runtime/kernel/terminal.h"
#include "runtime/process/cgroup_join.h"
#include "runtime/process/channel.h"
#include "runtime/process/child_fds.h"
#include "runtime/process/clone3.h"
#include "runtime/process/container_process.h"
#include "runtime/process/last_mile.h"
#include "runtime/process/pid_space.h"
#include "runtime/process/reap.h"

namespace onggi {
namespace {

struct ExecPlan {
  const spec::Process* process;
  const ExecOptions* options;
  LastMile* mile;
  CgroupJoin cgroup;
  int namespaces = 0;
  bool user_namespace = false;
  bool linux32 = false;
  pid_t parent = 0;
};

class ExecStage {
 public:
  ExecStage(ExecPlan& plan, int channel) : plan_(plan), channel_(channel) {}
  [[noreturn]] void Run();

 private:
  Result<> LeaveCaller();
  Result<> EnterNamespaces();
  Result<> MakeTerminal();
  Result<> EnterLastMile();
  Result<> AwaitCgroup();

  ExecPlan& plan_;
  int channel_;
  std::optional<Procfs> procfs_;
};

void ExecStage::Run() {
  struct Step {
    Stage stage;
    Result<> (ExecStage::*run)();
  };
  static constexpr Step kSteps[] = {
      {Stage::kCaller, &ExecStage::LeaveCaller},
      {Stage::kNamespaces, &ExecStage::EnterNamespaces},
      {Stage::kTerminal, &ExecStage::MakeTerminal},
      {Stage::kDirectory, &ExecStage::EnterLastMile},
      {Stage::kCgroup, &ExecStage::AwaitCgroup},
  };
  for (const Step& step : kSteps) {
    Result<> done = (this->*step.run)();
    if (done) continue;
    (void)SendMessage(channel_, FailureOf(step.stage, done.error()));  // nobody else to tell
    _exit(1);
  }
  plan_.mile->Execute(channel_);
}

// Its death with the parent lasts only until execve: the program outlives a monitor.
Result<> ExecStage::LeaveCaller() {
  ResetSignals();
  TRY(DieWithParent(plan_.parent));
  if (setsid() < 0) return SysError("setsid");
  if (!plan_.process->terminal) TRY(PlaceStdio(plan_.options->stdio));
  std::vector<int> keep = {channel_, plan_.options->target_pidfd};
  for (int fd = 3; fd < 3 + plan_.options->preserve_fds; ++fd) keep.push_back(fd);
  TRY(CloseAllBut(std::move(keep)));
  TRY_ASSIGN(procfs_, Procfs::Open());
  if (plan_.process->oom_score_adj) TRY(SetOomScoreAdj(*procfs_, *plan_.process->oom_score_adj));
  return NewSessionKeyring("_ses.exec");
}

Result<> ExecStage::EnterNamespaces() {
  if (setns(plan_.options->target_pidfd, plan_.namespaces) != 0) return SysError("setns(pidfd)");
  // Not dumpable again at once: from here on the container can see us (CVE-2016-9962).
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (plan_.linux32 && personality(PER_LINUX32) < 0) return SysError("personality(LINUX32)");
  OutliveParent();
  return Ok();
}

Result<> ExecStage::MakeTerminal() {
  const spec::Process& process = *plan_.process;
  if (!process.terminal) return Ok();
  TRY_ASSIGN(const UniqueFd root, Open("/", O_PATH | O_DIRECTORY));
  TRY_ASSIGN(Terminal terminal,
             OpenTerminal(root.get(), process.console_width, process.console_height));
  TRY(SendMessage(channel_, Message{.kind = MessageKind::kTerminal}, terminal.master.get()));
  TRY(TakeTerminal(terminal.slave.get()));
  const int slave = terminal.slave.get();
  return PlaceStdio({.in = slave, .out = slave, .err = slave});
}

Result<> ExecStage::EnterLastMile() {
  TRY(plan_.mile->Enter(*procfs_));
  procfs_.reset();
  return Ok();
}

// Nothing of the container runs before we are in its group.
Result<> ExecStage::AwaitCgroup() {
  TRY_ASSIGN(const ReceivedMessage received, ReceiveMessage(channel_));
  if (received.closed || received.message.kind != MessageKind::kProceed) _exit(1);
  return Ok();
}

// What the container's spec has and the kernel would take as a change.
int NamespacesOf(const spec::Spec& container) {
  int flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  for (const char* optional : {"user", "time"}) {
    if (HasNamespace(container, optional)) flags |= static_cast<int>(NamespaceFlag(optional));
  }
  return flags;
}

spec::Process WithDefaults(const spec::Spec& container, const spec::Process& process) {
  spec::Process full = process;
  if (!container.process) return full;
  const spec::Process& first = *container.process;
  if (!full.capabilities) full.capabilities = first.capabilities;
  if (full.apparmor_profile.empty()) full.apparmor_profile = first.apparmor_profile;
  if (full.selinux_label.empty()) full.selinux_label = first.selinux_label;
  return full;
}

}  // namespace

Result<StartedExec> CloneExec(const spec::Spec& container, const spec::Process& process,
                              const ExecOptions& options) {
  const spec::Process full = WithDefaults(container, process);
  const spec::Seccomp* seccomp = container.linux_.seccomp ? &*container.linux_.seccomp : nullptr;
  TRY_ASSIGN(LastMile mile,
             LastMile::Prepare(full, seccomp, options.seccomp, options.preserve_fds));
  ExecPlan plan{.process = &full, .options = &options, .mile = &mile};
  plan.namespaces = NamespacesOf(container);
  plan.linux32 = container.linux_.personality == "LINUX32";
  plan.parent = getpid();
  TRY_ASSIGN(plan.cgroup, CgroupJoin::Open(options.cgroup_dirs, true));
  TRY_ASSIGN(SocketPair sockets, MakeSocketPair(SOCK_STREAM));
  TRY_ASSIGN(const PidSpace entered, PidSpace::Enter(options.target_pidfd));
  TRY_ASSIGN(ClonedChild child, Clone3({.cgroup_fd = plan.cgroup.unified.get()}));
  if (child.pid == 0) {
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // cannot fail
    ExecStage(plan, sockets.second.get()).Run();
  }
  StartedExec exec{
      .pid = child.pid, .pidfd = std::move(child.pidfd), .channel = std::move(sockets.first)};
  Result<> joined = plan.cgroup.Join(exec.pid);
  if (joined) joined = SendMessage(exec.channel.get(), Message{.kind = MessageKind::kProceed});
  // A child that failed meanwhile tells its own reason, in AwaitExec.
  if (joined || joined.error().sys_errno() == ESRCH || joined.error().sys_errno() == EPIPE) {
    return exec;
  }
  KillAndReap(exec.pidfd.get());
  return std::move(joined).error();
}

Result<> AwaitExec(StartedExec& exec) {
  Result<> executed = AwaitExecution(exec.channel.get(), exec.terminal_master);
  if (!executed) KillAndReap(exec.pidfd.get());
  return executed;
}

Result<StartedExec> StartExec(const spec::Spec& container, const spec::Process& process,
                              const ExecOptions& options) {
  TRY_ASSIGN(StartedExec exec, CloneExec(container, process, options));
  TRY(AwaitExec(exec));
  return exec;
}

}  // namespace onggi
