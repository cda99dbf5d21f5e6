#include "runtime/process/init_stage.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/rooted_path.h"
#include "runtime/kernel/devices.h"
#include "runtime/kernel/keyring.h"
#include "runtime/kernel/masked_paths.h"
#include "runtime/kernel/mount_api.h"
#include "runtime/kernel/mounts.h"
#include "runtime/kernel/namespaces.h"
#include "runtime/kernel/oom_score.h"
#include "runtime/kernel/rootfs.h"
#include "runtime/kernel/sysctl.h"
#include "runtime/kernel/terminal.h"
#include "runtime/process/child_fds.h"
#include "runtime/process/hooks.h"

namespace onggi {
namespace {

class InitStage {
 public:
  InitStage(InitPlan& plan, int channel) : plan_(plan), spec_(*plan.spec), channel_(channel) {}
  [[noreturn]] void Run();

 private:
  Result<> LeaveCaller();
  Result<> EnterNamespaces();
  Result<> SetUpHost();
  Result<> WriteHostSysctls();
  Result<> MakeRoot();
  Result<> MakeMounts();
  Result<> MakeNodes();
  Result<> MakeTerminal();
  Result<> MaskAndSeal();
  Result<> EnterCgroup();
  Result<> RunCreateHooks();
  Result<> Pivot();
  Result<> EnterLastMile();
  Result<> WaitForStart();
  Result<> RunStartHooks();

  bool InUserNamespace() const { return plan_.new_user || plan_.user_space >= 0; }
  bool HasCreateHooks() const;
  Result<Message> Expect(MessageKind kind);
  Result<> BecomeRoot();

  InitPlan& plan_;
  const spec::Spec& spec_;
  int channel_;
  std::optional<Procfs> procfs_;  // the host's, opened before the mount namespace changes
  std::vector<UniqueFd> binds_;
  UniqueFd root_;
  UniqueFd slave_;
  pid_t outer_pid_ = 0;
};

// The isolation, in order. Each step says at its definition what must come before it.
void InitStage::Run() {
  struct Step {
    Stage stage;
    Result<> (InitStage::*run)();
  };
  // clang-format off
  static constexpr Step kSteps[] = {
      {Stage::kCaller, &InitStage::LeaveCaller},
      {Stage::kNamespaces, &InitStage::EnterNamespaces},
      {Stage::kHost, &InitStage::SetUpHost},
      {Stage::kSysctl, &InitStage::WriteHostSysctls},
      {Stage::kRoot, &InitStage::MakeRoot},
      {Stage::kMounts, &InitStage::MakeMounts},
      {Stage::kDevices, &InitStage::MakeNodes},
      {Stage::kTerminal, &InitStage::MakeTerminal},
      {Stage::kMasks, &InitStage::MaskAndSeal},
      {Stage::kCgroup, &InitStage::EnterCgroup},
      {Stage::kHooks, &InitStage::RunCreateHooks},
      {Stage::kPivot, &InitStage::Pivot},
      {Stage::kDirectory, &InitStage::EnterLastMile},
      {Stage::kWait, &InitStage::WaitForStart},
      {Stage::kHooks, &InitStage::RunStartHooks},
  };
  // clang-format on
  for (const Step& step : kSteps) {
    Result<> done = (this->*step.run)();
    if (done) continue;
    (void)SendMessage(channel_, FailureOf(step.stage, done.error()));  // nobody else to tell
    _exit(1);
  }
  plan_.mile.Execute(channel_);
}

Result<Message> InitStage::Expect(MessageKind kind) {
  TRY_ASSIGN(const ReceivedMessage received, ReceiveMessage(channel_));
  if (received.closed) _exit(1);  // the parent is gone: there is nothing to go on for
  if (received.message.kind != kind) return Internal("unexpected message from the parent");
  return received.message;
}

Result<> InitStage::LeaveCaller() {
  ResetSignals();
  TRY(DieWithParent(plan_.parent));
  if (setsid() < 0) return SysError("setsid");
  if (!spec_.process->terminal) TRY(PlaceStdio(plan_.options->stdio));
  std::vector<int> keep = {channel_};
  if (plan_.options->start_listener >= 0) keep.push_back(plan_.options->start_listener);
  for (const InitPlan::Join& join : plan_.joins) keep.push_back(join.fd);
  for (const UniqueFd& mapping : plan_.mappings) keep.push_back(mapping.get());
  for (int fd = 3; fd < 3 + plan_.options->preserve_fds; ++fd) keep.push_back(fd);
  TRY(CloseAllBut(std::move(keep)));
  TRY_ASSIGN(procfs_, Procfs::Open());
  if (!spec_.process->oom_score_adj || InUserNamespace()) return Ok();
  return SetOomScoreAdj(*procfs_, *spec_.process->oom_score_adj);
}

Result<> InitStage::EnterNamespaces() {
  if (plan_.new_user) TRY(Expect(MessageKind::kProceed));  // the maps are written
  if (plan_.user_space < 0) {
    for (const InitPlan::Join& join : plan_.joins) {
      if (setns(join.fd, static_cast<int>(join.flag)) != 0) return SysError("setns");
    }
  }
  return Ok();
}

Result<> InitStage::SetUpHost() {
  if (!spec_.hostname.empty() && sethostname(spec_.hostname.data(), spec_.hostname.size()) != 0) {
    return SysError("sethostname(" + spec_.hostname + ")");
  }
  if (!spec_.domainname.empty() &&
      setdomainname(spec_.domainname.data(), spec_.domainname.size()) != 0) {
    return SysError("setdomainname(" + spec_.domainname + ")");
  }
  if (spec_.linux_.personality == "LINUX32" && personality(PER_LINUX32) < 0) {
    return SysError("personality(LINUX32)");
  }
  if (plan_.options->new_keyring) TRY(NewSessionKeyring("_ses." + plan_.options->id));
  return Ok();
}

// Inside the network, ipc and uts namespaces, through the procfs that no container has touched.
Result<> InitStage::WriteHostSysctls() {
  return WriteSysctls(*procfs_, spec_.linux_.sysctl);
}

bool InitStage::HasCreateHooks() const {
  const spec::Hooks& hooks = spec_.hooks;
  return !hooks.prestart.empty() || !hooks.create_runtime.empty() ||
         !hooks.create_container.empty();
}

Result<> InitStage::BecomeRoot() {
  // EPERM: a user namespace that denies setgroups; the groups are then what they were.
  if (setgroups(0, nullptr) != 0 && errno != EPERM) return SysError("setgroups");
  if (syscall(SYS_setresgid, 0, 0, 0) != 0) return SysError("setresgid(0)");
  if (syscall(SYS_setresuid, 0, 0, 0) != 0) return SysError("setresuid(0)");
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // the change of user made us dumpable
  return Ok();
}

// In a user namespace the host's directories are opened before root becomes the container's root.
Result<> InitStage::MakeRoot() {
  TRY_ASSIGN(binds_, CloneBinds(spec_.mounts, plan_.mappings, InUserNamespace()));
  TRY(MakeMountsPrivate());
  TRY_ASSIGN(UniqueFd mount, MakeRootMount(spec_));
  // A hook that looks for the root finds it where config.json says.
  TRY_ASSIGN(root_, AttachRoot(std::move(mount), HasCreateHooks() ? spec_.root_path : ""));
  return InUserNamespace() ? BecomeRoot() : Ok();
}

Result<> InitStage::MakeMounts() {
  const MountContext context{.root_fd = root_.get(), .cgroup_dirs = &plan_.options->cgroup_dirs};
  TRY(MountAll(context, spec_.mounts, std::move(binds_)));
  const std::string& cwd = spec_.process->cwd;
  // As runc does. What cannot be made (a file in the way) is told by chdir, with the path.
  if (cwd != "/") (void)RootedPath(root_.get()).MakeDirs(cwd, 0755);
  return Ok();
}

Result<> InitStage::MakeNodes() {
  return MakeDevices({.root_fd = root_.get(), .bind_nodes = InUserNamespace()}, spec_);
}

Result<> InitStage::MakeTerminal() {
  const spec::Process& process = *spec_.process;
  if (!process.terminal) return Ok();
  TRY_ASSIGN(Terminal terminal,
             OpenTerminal(root_.get(), process.console_width, process.console_height));
  TRY(MountConsole(root_.get(), terminal.slave.get()));
  Message message;
  message.kind = MessageKind::kTerminal;
  TRY(SendMessage(channel_, message, terminal.master.get()));
  TRY(TakeTerminal(terminal.slave.get()));
  const int slave = terminal.slave.get();
  return PlaceStdio({.in = slave, .out = slave, .err = slave});
}

// After devices and the working directory: the root may become read-only.
Result<> InitStage::MaskAndSeal() {
  TRY(MakeReadOnly(root_.get(), spec_.linux_.readonly_paths));
  TRY(MaskPaths(root_.get(), spec_.linux_.masked_paths));
  if (!spec_.root_readonly) return Ok();
  return SetMountAttributes(root_.get(), {.set = MOUNT_ATTR_RDONLY}, false)
      .Wrap("make the root read-only");
}

// The parent has moved us by now, while we built. The root of the cgroup namespace is where we are
// when it is made.
Result<> InitStage::EnterCgroup() {
  TRY(Expect(MessageKind::kProceed));
  if (plan_.new_cgroup && unshare(CLONE_NEWCGROUP) != 0) return SysError("unshare(cgroup)");
  // The daemon may be pinned to some CPUs; the container is bounded by its cpuset only.
  cpu_set_t all[8];
  for (cpu_set_t& part : all) CPU_ZERO(&part);
  for (unsigned int cpu = 0; cpu < 8 * CPU_SETSIZE; ++cpu) CPU_SET_S(cpu, sizeof(all), all);
  (void)sched_setaffinity(0, sizeof(all), all);  // an outer cpuset may forbid it: then it holds
  return Ok();
}

Result<> InitStage::RunCreateHooks() {
  if (!HasCreateHooks()) return Ok();
  Message message;
  message.kind = MessageKind::kHooks;
  TRY(SendMessage(channel_, message));
  TRY_ASSIGN(const Message answer, Expect(MessageKind::kProceed));
  return RunHooks(spec_.hooks.create_container, spec_,
                  {plan_.options->id, "creating", answer.pid, plan_.options->bundle});
}

Result<> InitStage::Pivot() {
  TRY(EnterRoot(root_.get(), plan_.options->pivot_root));
  root_.reset();
  return SetRootPropagation(spec_.linux_.rootfs_propagation);
}

Result<> InitStage::EnterLastMile() {
  TRY(plan_.mile.Enter(*procfs_));
  if (plan_.options->find_program_early) TRY(plan_.mile.FindProgram());
  procfs_.reset();  // a directory of the host must not be held while we wait
  return Ok();
}

Result<> InitStage::WaitForStart() {
  OutliveParent();
  Message ready;
  ready.kind = MessageKind::kReady;
  TRY(SendMessage(channel_, ready));
  if (plan_.options->start_listener >= 0) {
    close(channel_);
    const UniqueFd peer(accept4(plan_.options->start_listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer.valid()) _exit(1);
    close(plan_.options->start_listener);
    // Above what the program keeps.
    channel_ = fcntl(peer.get(), F_DUPFD_CLOEXEC, 3 + plan_.options->preserve_fds);
    if (channel_ < 0) _exit(1);
  }
  TRY(Expect(MessageKind::kGo));
  return Ok();
}

Result<> InitStage::RunStartHooks() {
  return RunHooks(spec_.hooks.start_container, spec_,
                  {plan_.options->id, "created", getpid(), plan_.options->bundle});
}

}  // namespace

void RunInit(InitPlan& plan, int channel) {
  InitStage(plan, channel).Run();
}

}  // namespace onggi
