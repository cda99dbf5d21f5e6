// MonitorClient: the daemon's side of one pod's monitor.
//
// A monitor is a process of onggi-runtime that owns one pod: it pins the pod's namespaces, clones
// the containers, holds their stdio, writes the CRI log, reaps, and records each exit in its state
// directory (on tmpfs, rename) before it tells anyone. It outlives the daemon; a new daemon
// connects to its socket and learns what happened meanwhile. It ends by Shutdown, or by itself when
// it has no container and its directory is gone.
//
// Layout of the directory (mode 0700), one per pod:
//   monitor.sock    the control socket (0600), messages of monitor_protocol.h
//   monitor.json    pid, start time, protocol version, namespaces: written once
//   ID.json         container ID: pid, start time, state, exit: rewritten on each change
//
// One thread reads for all clients of the process (monitor_hub.h). It exists while a client does.
//
// Thread-safety: all methods from any thread; requests are pipelined over one connection and
// answered in any order, so a slow create does not hold up an exec of another container. Calls
// block for the answer. Errors: Unavailable when the monitor is gone, DeadlineExceeded when it does
// not answer within two minutes. A failing container start carries the stage in its message: "mount
// /data: ...". NotFound for unknown containers. Processes that Exec and ExecSync started are killed
// when the client's connection ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace onggi {

struct MonitorOptions {
  std::string binary;     // onggi-runtime
  std::string directory;  // made by the caller, empty
  // Namespaces that the pod owns; the others are the host's. "user" needs the mappings.
  bool network = true;
  bool ipc = true;
  bool uts = true;
  bool shared_pid = false;  // one pid namespace for all containers, with an init of ours
  std::vector<spec::IdMapping> uid_mappings;
  std::vector<spec::IdMapping> gid_mappings;
  std::string hostname;
  std::map<std::string, std::string> sysctls;  // already checked; written inside the namespaces
  // Bind-mounts the namespaces here ("<dir>/net", ...) when not empty, so that plugins and a later
  // daemon find them by path.
  std::string pin_directory;
  // Cgroup of the monitor itself: outside the pod's memory cgroup. "" leaves it where the daemon
  // is.
  std::string cgroup;
  // Compiled seccomp profiles of all pods (mode 0700, made when missing). Without it each pod
  // compiles its own, which takes tens of milliseconds at its first container.
  std::string seccomp_cache;
};

struct ContainerCreate {
  std::string id;
  spec::Spec spec;
  // Absolute path of the CRI log; "" discards the output.
  std::string log_path;
  size_t max_log_line = 16384;
  bool stdin_open = false;
  bool stdin_once = false;
  // The container's cgroup, made by the caller: one directory per v1 hierarchy, or one for v2. The
  // first process is put into each before it runs anything.
  std::vector<std::string> cgroup_dirs;
  // Where its pid namespace comes from: "" own (or the pod's, when shared_pid), else a container id
  // of this pod (TARGET).
  std::string pid_target;
  bool host_pid = false;
};

struct ContainerExit {
  std::string id;
  int exit_code = 0;  // 128 + signal when killed
  int signal = 0;
  bool oom_killed = false;
  int64_t finished_at_ns = 0;
};

struct MonitoredContainer {
  enum class State { kCreated, kRunning, kExited };
  std::string id;
  State state = State::kCreated;
  pid_t pid = 0;
  int64_t started_at_ns = 0;
  std::optional<ContainerExit> exit;
  // Output that did not reach the log because the disk refused it; the container was not held up.
  uint64_t log_dropped_bytes = 0;
};

struct ExecRequest {
  std::string container_id;
  spec::Process process;
  // The other ends of the process's stdio; -1 is /dev/null. With process.terminal, the answer
  // carries the terminal's master instead and these are ignored.
  int stdin_fd = -1;
  int stdout_fd = -1;
  int stderr_fd = -1;
};

struct ExecHandle {
  std::string exec_id;
  pid_t pid = 0;
  UniqueFd terminal;  // valid only for terminals
};

// A command whose output is collected: CRI ExecSync.
struct ExecSyncRequest {
  std::string container_id;
  spec::Process process;  // without a terminal
  std::optional<std::chrono::milliseconds> timeout;
  size_t output_limit = 16 << 20;  // of each stream; the rest is read and dropped
};

struct ExecSyncResult {
  int exit_code = 0;  // 128 + signal when killed
  std::string out;
  std::string err;
};

// What someone who attaches gets: a copy of the output from now on, and the input.
struct AttachHandle {
  UniqueFd stdin_fd;   // write end; invalid when the container has no stdin
  UniqueFd stdout_fd;  // read ends
  UniqueFd stderr_fd;
  bool terminal = false;
};

class MonitorClient {
 public:
  // Starts a monitor and waits until its namespaces stand.
  static Result<std::unique_ptr<MonitorClient>> Spawn(const MonitorOptions& options);
  // Finds a running monitor again. Unavailable when nobody answers within TIMEOUT.
  static Result<std::unique_ptr<MonitorClient>> Connect(const std::string& directory,
                                                        std::chrono::milliseconds timeout);
  virtual ~MonitorClient() = default;  // closes the connection; the monitor lives on

  virtual pid_t pid() const = 0;
  // Called from the client's reader thread, once per exit, also for exits that happened before
  // Connect. Set right after Spawn or Connect. The callback must not block and must not call this
  // client.
  virtual void OnExit(std::function<void(const ContainerExit&)> callback) = 0;
  // Called once when the monitor is gone without Shutdown.
  virtual void OnGone(std::function<void()> callback) = 0;

  // "/proc/PID/ns/net" style paths or the pins, for those that the pod owns.
  virtual std::string NamespacePath(const std::string& type) const = 0;

  // The container's first process stands right before execve when this returns: its pid.
  virtual Result<pid_t> Create(const ContainerCreate& request) = 0;
  // Lets it go on; an execve error (no such file, wrong architecture) is the answer's error.
  virtual Result<> Start(const std::string& id) = 0;
  // To the first process through its pidfd. Success when it has ended already.
  virtual Result<> Signal(const std::string& id, int signal) = 0;
  // Forgets an ended container; a created or running one is killed first.
  virtual Result<> Delete(const std::string& id) = 0;
  virtual Result<std::vector<MonitoredContainer>> List() = 0;

  virtual Result<ExecHandle> Exec(const ExecRequest& request) = 0;
  // Exit code (128 + signal). On cancellation or after TIMEOUT the exec's whole process tree is
  // killed, and the answer is Cancelled or DeadlineExceeded.
  virtual Result<int> WaitExec(const std::string& exec_id,
                               std::optional<std::chrono::milliseconds> timeout,
                               const CancelToken& cancel) = 0;
  // Exec, its output and its exit code in one round trip; stdin is /dev/null. Ends with the
  // command: what it left running in the background may keep the output open, and is not waited
  // for. Cancelled, DeadlineExceeded: as WaitExec, with the whole process tree killed.
  virtual Result<ExecSyncResult> ExecSync(const ExecSyncRequest& request,
                                          const CancelToken& cancel) = 0;
  virtual Result<> SignalExec(const std::string& exec_id, int signal) = 0;

  virtual Result<AttachHandle> Attach(const std::string& id) = 0;
  // WIDTH and HEIGHT in characters; TARGET is a container id or an exec id.
  virtual Result<> Resize(const std::string& target, uint16_t width, uint16_t height) = 0;
  // Opens the log file anew at its path: no line is lost or split. FailedPrecondition when not
  // running.
  virtual Result<> ReopenLog(const std::string& id) = 0;
  virtual Result<> CloseStdin(const std::string& id) = 0;

  // Kills what is left, removes the pins and ends. The directory is the caller's to remove.
  virtual Result<> Shutdown() = 0;
};

}  // namespace onggi
