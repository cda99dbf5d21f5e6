#include "runtime/monitor/monitor_main.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "base/unix_socket.h"
#include "runtime/client/cgroup.h"
#include "runtime/client/monitor_protocol.h"
#include "runtime/kernel/oom_score.h"
#include "runtime/kernel/procfs.h"
#include "runtime/monitor/monitor.h"
#include "runtime/monitor/process_title.h"

namespace onggi {
namespace {

constexpr int kConnection = 3;
constexpr int kOomScoreAdj = -998;  // what the kubelet gives to what a node cannot do without
constexpr int kSetupSeconds = 30;

// One for the process: pages that are not used yet cost nothing.
OutputBuffers buffers;

// Free memory goes back to the kernel: there is one of us for each pod.
void KeepMemorySmall() {
  (void)mallopt(M_TOP_PAD, 16 << 10);
  (void)mallopt(M_TRIM_THRESHOLD, 64 << 10);
  (void)mallopt(M_MMAP_THRESHOLD, 64 << 10);
}

// Signals are not for us; SIGCHLD is read from a descriptor. Children reset the mask.
Result<> BecomeMonitor(const Procfs& procfs) {
  sigset_t all;
  sigfillset(&all);
  if (sigprocmask(SIG_SETMASK, &all, nullptr) != 0) return SysError("sigprocmask");
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return SysError("prctl(PR_SET_DUMPABLE)");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return SysError("prctl(PR_SET_CHILD_SUBREAPER)");
  if (chdir("/") != 0) return SysError("chdir(/)");
  umask(022);
  SetProcessTitle("onggi-monitor");
  return SetOomScoreAdj(procfs, kOomScoreAdj);
}

// Field 22; the name in field 2 may hold blanks and parentheses.
Result<uint64_t> StartTime(const Procfs& procfs) {
  TRY_ASSIGN(std::string stat, procfs.Read("self/stat"));
  size_t after_name = stat.rfind(')');
  if (after_name == std::string::npos) return Internal("/proc/self/stat: no name");
  auto fields = Split(std::string_view(stat).substr(after_name + 2), ' ');
  constexpr size_t kField = 22 - 3;
  auto value = fields.size() > kField ? ParseUint(fields[kField]) : std::nullopt;
  if (!value) return Internal("/proc/self/stat: no start time");
  return *value;
}

Result<> Serve(const MonitorOptions& options, uint64_t setup_id, UniqueFd& connection) {
  TRY_ASSIGN(Procfs procfs, Procfs::Open());
  TRY(BecomeMonitor(procfs));
  TRY_ASSIGN(StateDirectory state, StateDirectory::Open(options.directory));
  TRY_ASSIGN(PodNamespaces namespaces, PodNamespaces::Make(options, procfs));
  auto serve = [&]() -> Result<> {
    // Through the descriptor: the path may be too long for a socket's name.
    std::string at = "/proc/self/fd/" + std::to_string(state.fd()) + "/monitor.sock";
    TRY_ASSIGN(UniqueFd listener, ListenUnix(at, 0600));
    MonitorIdentity identity{.pid = getpid(), .namespaces = namespaces.paths()};
    TRY_ASSIGN(identity.start_time, StartTime(procfs));
    TRY(state.Write("monitor.json", DumpJson(EncodeIdentity(identity)) + "\n"));
    TRY_ASSIGN(EventLoop loop, EventLoop::Make());
    Monitor monitor({&loop, &buffers, &state, &namespaces, identity, options.seccomp_cache});
    TRY(monitor.Start(std::move(listener), std::move(connection), setup_id));
    // Not before the daemon can go on: moving between v1 groups waits for the kernel.
    if (!options.cgroup.empty()) {
      auto group = Cgroup::Create(options.cgroup);
      auto joined = group ? group->Join(0) : Result<>(std::move(group).error());
      if (!joined) monitor.SetFault(std::move(joined).error().Wrap("the monitor's cgroup"));
    }
    (void)malloc_trim(0);
    return loop.Run();
  };
  auto served = serve();
  if (!served) namespaces.Release();
  return served;
}

Result<MonitorMessage> ReadSetup(int connection) {
  timeval limit{.tv_sec = kSetupSeconds};
  if (setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) {
    return SysError("setsockopt(SO_RCVTIMEO)");
  }
  TRY_ASSIGN(Frame frame, ReceiveFrame(connection));
  TRY_ASSIGN(MonitorMessage message, DecodeMonitorMessage(frame.bytes));
  if (message.op != "setup") return InvalidArgument("the first message must be setup");
  return message;
}

}  // namespace

int MonitorMain(int argc, char** argv) {
  InitProcessTitle(argc, argv);
  KeepMemorySmall();
  struct stat st {};
  if (fstat(kConnection, &st) != 0 || !S_ISSOCK(st.st_mode)) {
    constexpr std::string_view kText = "onggi-runtime monitor: started by onggid, not by hand\n";
    (void)WriteAll(STDERR_FILENO, kText);  // nobody to tell otherwise
    return 64;
  }
  UniqueFd connection(kConnection);
  if (fcntl(kConnection, F_SETFD, FD_CLOEXEC) != 0) return 1;
  if (close_range(kConnection + 1, ~0U, 0) != 0) return 1;
  auto setup = ReadSetup(kConnection);
  if (!setup) {
    (void)SendFrame(kConnection, EncodeError(0, setup.error()));
    return 1;
  }
  auto options = DecodeSetup(setup->body);
  auto served =
      options ? Serve(*options, setup->id, connection) : Result<>(std::move(options).error());
  if (served) return 0;
  if (connection.valid()) (void)SendFrame(connection.get(), EncodeError(setup->id, served.error()));
  return 1;
}

}  // namespace onggi
