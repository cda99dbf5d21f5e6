// The parent's side of a container's first process.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/file_io.h"
#include "base/strings.h"
#include "base/unix_socket.h"
#include "runtime/kernel/idmap.h"
#include "runtime/kernel/mounts.h"
#include "runtime/kernel/namespaces.h"
#include "runtime/kernel/sysctl.h"
#include "runtime/process/channel.h"
#include "runtime/process/clone3.h"
#include "runtime/process/container_process.h"
#include "runtime/process/hooks.h"
#include "runtime/process/init_stage.h"
#include "runtime/process/pid_space.h"
#include "runtime/process/reap.h"

namespace onggi {
namespace {

Result<> CheckSpec(const spec::Spec& spec) {
  if (!spec.process) return InvalidArgument("config.json has no process");
  if (!HasNamespace(spec, "mount")) return InvalidArgument("a mount namespace is needed");
  if (!spec.rootfs && spec.root_path.empty()) return InvalidArgument("root.path is missing");
  return CheckSysctls(spec);
}

bool IsGiven(const InitOptions& options, const std::string& type) {
  return std::any_of(options.namespaces.begin(), options.namespaces.end(),
                     [&](const JoinedNamespace& joined) { return joined.type == type; });
}

void AddJoin(InitPlan& plan, const std::string& type, int fd) {
  if (type == "pid") {
    plan.pid_space = fd;
    return;
  }
  if (type == "user") plan.user_space = fd;
  const InitPlan::Join join{NamespaceFlag(type), fd};
  // The user namespace first: it decides what may be entered.
  plan.joins.insert(type == "user" ? plan.joins.begin() : plan.joins.end(), join);
}

Result<> PlanNamespaces(InitPlan& plan) {
  for (const JoinedNamespace& joined : plan.options->namespaces) {
    if (NamespaceFlag(joined.type) == 0) return InvalidArgument("namespace " + joined.type);
    AddJoin(plan, joined.type, joined.fd);
  }
  for (const spec::Namespace& space : plan.spec->linux_.namespaces) {
    if (IsGiven(*plan.options, space.type)) continue;
    if (!space.path.empty()) {
      TRY_ASSIGN(UniqueFd fd, OpenNamespace(space.type, space.path));
      AddJoin(plan, space.type, fd.get());
      plan.owned.push_back(std::move(fd));
    } else if (space.type == "cgroup") {
      plan.new_cgroup = true;  // made later, from inside the group
    } else {
      plan.new_flags |= NamespaceFlag(space.type);
    }
  }
  plan.new_user = (plan.new_flags & CLONE_NEWUSER) != 0;
  return Ok();
}

Result<InitPlan> MakePlan(const spec::Spec& spec, const InitOptions& options) {
  TRY(CheckSpec(spec));
  const spec::Seccomp* seccomp = spec.linux_.seccomp ? &*spec.linux_.seccomp : nullptr;
  TRY_ASSIGN(LastMile mile,
             LastMile::Prepare(*spec.process, seccomp, options.seccomp, options.preserve_fds));
  InitPlan plan(spec, options, std::move(mile));
  plan.parent = getpid();
  TRY(PlanNamespaces(plan));
  TRY_ASSIGN(plan.mappings, MakeMappings(spec.mounts));
  // From inside a user namespace nobody may be born into a foreign group.
  TRY_ASSIGN(plan.cgroup, CgroupJoin::Open(options.cgroup_dirs, plan.user_space < 0));
  return plan;
}

// A user namespace must be entered before the others are made in it, and that cannot be undone: an
// intermediate process does it, and makes the init as its sibling.
[[noreturn]] void RunIntermediate(InitPlan& plan, int channel) {
  for (const InitPlan::Join& join : plan.joins) {
    if (setns(join.fd, static_cast<int>(join.flag)) == 0) continue;
    SendFailure(channel, Stage::kNamespaces, errno, "setns");
    _exit(1);
  }
  Result<ClonedChild> child = Clone3({.flags = plan.new_flags | CLONE_PARENT});
  if (!child) {
    (void)SendMessage(channel, FailureOf(Stage::kNamespaces, child.error()));
    _exit(1);
  }
  if (child->pid == 0) RunInit(plan, channel);
  Message moved;
  moved.kind = MessageKind::kMoved;
  // Not its number: in a joined pid namespace that is not the one that the parent knows it by.
  _exit(SendMessage(channel, moved, child->pidfd.get()) ? 0 : 1);
}

// The number of PIDFD's process as this process sees it.
Result<pid_t> PidOf(int pidfd) {
  TRY_ASSIGN(const std::string info, ReadFile("/proc/self/fdinfo/" + std::to_string(pidfd)));
  for (std::string_view line : Split(info, '\n')) {
    constexpr std::string_view kKey = "Pid:";
    if (!line.starts_with(kKey)) continue;
    const auto pid = ParseInt(Trim(line.substr(kKey.size())));
    if (pid && *pid > 0) return static_cast<pid_t>(*pid);
  }
  return Internal("the init process ended while it was made");
}

// Ends the intermediate process and takes over its sibling.
Result<> TakeSibling(StartedInit& init) {
  Result<ReceivedMessage> received = ReceiveMessage(init.channel.get());
  Reap(init.pidfd.get());
  if (!received) return std::move(received).error();
  if (received->message.kind == MessageKind::kFailed) return ErrorOf(received->message);
  if (received->closed || received->message.kind != MessageKind::kMoved) {
    return Internal("the intermediate process was killed");
  }
  if (!received->fd.valid()) return Internal("the intermediate process sent no pidfd");
  init.pidfd = std::move(received->fd);
  TRY_ASSIGN(init.pid, PidOf(init.pidfd.get()));
  return Ok();
}

Result<> FinishUserNamespace(const InitPlan& plan, const StartedInit& init) {
  TRY_ASSIGN(const Procfs procfs, Procfs::Open());
  TRY(WriteIdMaps(procfs, init.pid, plan.spec->linux_.uid_mappings,
                  plan.spec->linux_.gid_mappings));
  if (plan.spec->process->oom_score_adj) {
    TRY(procfs.Write(std::to_string(init.pid) + "/oom_score_adj",
                     std::to_string(*plan.spec->process->oom_score_adj)));
  }
  return SendMessage(init.channel.get(), Message{.kind = MessageKind::kProceed});
}

Result<> RunParentHooks(StartedInit& init, const spec::Spec& spec, const InitOptions& options) {
  const HookState state{options.id, "creating", init.pid, options.bundle};
  TRY(RunHooks(spec.hooks.prestart, spec, state));
  TRY(RunHooks(spec.hooks.create_runtime, spec, state));
  return SendMessage(init.channel.get(), Message{.kind = MessageKind::kProceed, .pid = init.pid});
}

Result<> TakeMessages(StartedInit& init, const spec::Spec& spec, const InitOptions& options) {
  for (;;) {
    TRY_ASSIGN(ReceivedMessage received, ReceiveMessage(init.channel.get()));
    if (received.closed) return Internal("the init process was killed while it was set up");
    switch (received.message.kind) {
      case MessageKind::kReady:
        return Ok();
      case MessageKind::kHooks:
        TRY(RunParentHooks(init, spec, options));
        break;
      case MessageKind::kTerminal:
        init.terminal_master = std::move(received.fd);
        break;
      case MessageKind::kFailed:
        return ErrorOf(received.message);
      default:
        return Internal("unexpected message from the init process");
    }
  }
}

}  // namespace

Result<StartedInit> CloneInit(const spec::Spec& spec, const InitOptions& options) {
  TRY_ASSIGN(InitPlan plan, MakePlan(spec, options));
  TRY_ASSIGN(SocketPair sockets, MakeSocketPair(SOCK_STREAM));
  TRY_ASSIGN(const PidSpace entered, PidSpace::Enter(plan.pid_space));
  const bool two_steps = plan.user_space >= 0;
  TRY_ASSIGN(ClonedChild child, Clone3({.flags = two_steps ? 0 : plan.new_flags,
                                        .cgroup_fd = plan.cgroup.unified.get()}));
  if (child.pid == 0) {
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // cannot fail; see C2 and C1 in the header
    two_steps ? RunIntermediate(plan, sockets.second.get()) : RunInit(plan, sockets.second.get());
  }
  StartedInit init{
      .pid = child.pid, .pidfd = std::move(child.pidfd), .channel = std::move(sockets.first)};
  sockets.second.reset();
  if (two_steps) TRY(TakeSibling(init));
  Result<> finished = plan.new_user ? FinishUserNamespace(plan, init) : Ok();
  if (finished) finished = plan.cgroup.Join(init.pid);
  if (finished) {
    finished = SendMessage(init.channel.get(), Message{.kind = MessageKind::kProceed});
  }
  // A child that failed meanwhile tells its own reason, in AwaitReady.
  if (finished || finished.error().sys_errno() == ESRCH || finished.error().sys_errno() == EPIPE) {
    return init;
  }
  KillAndReap(init.pidfd.get());
  return std::move(finished).error();
}

Result<> AwaitReady(StartedInit& init, const spec::Spec& spec, const InitOptions& options) {
  Result<> ready = TakeMessages(init, spec, options);
  if (!ready) KillAndReap(init.pidfd.get());
  return ready;
}

Result<> ReleaseInit(StartedInit& init) {
  return SendMessage(init.channel.get(), Message{.kind = MessageKind::kGo})
      .Wrap("the container ended before it was started");
}

Result<> AwaitExec(StartedInit& init) {
  return AwaitExecution(init.channel.get(), init.terminal_master);
}

Result<StartedInit> CreateInit(const spec::Spec& spec, const InitOptions& options) {
  TRY_ASSIGN(StartedInit init, CloneInit(spec, options));
  TRY(AwaitReady(init, spec, options));
  return init;
}

Result<> StartInit(StartedInit& init) {
  TRY(ReleaseInit(init));
  return AwaitExec(init);
}

}  // namespace onggi
