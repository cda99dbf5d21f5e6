// Container processes: how the runtime program and the pod monitor make a container's first process
// and the processes that are executed in it later.
//
// The first process ("init") lives through these steps; every step blocks the caller for as long as
// the kernel works, never on anything that the container can hold up:
//
//   CloneInit     clone3; the child starts to build its world (namespaces, cgroups, root file
//                 system, mounts, devices)
//   AwaitReady    the world stands, and the child waits right before execve
//   ReleaseInit   the child may go on
//   AwaitExec     execve happened, or the error is known
//
// CreateInit is the first two, StartInit the last two. A monitor that polls calls AwaitReady and
// AwaitExec when StartedInit::channel becomes readable; then they do not wait for the child.
//
// A failing child names its step: "mount /data: open_tree: No such file or directory". An execve
// that fails for what the image holds is InvalidArgument (wrong architecture, a missing
// interpreter), NotFound ("executable file not found in $PATH") or PermissionDenied. A child that
// dies without a word is Internal with how it died.
//
// The caller must be single-threaded (clone3 without handlers), not dumpable, and should run from a
// read-only copy of its file (kernel/self_copy.h): CVE-2019-5736. It reaps what is started here:
// children get SIGCHLD to their parent, the caller.
//
// Thread-safety: one thread. Ownership: option fds are borrowed, result fds owned. Kernel: 5.12.
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace onggi {

// -1 is /dev/null. Ignored with process.terminal: then 0, 1 and 2 are the terminal.
struct ContainerStdio {
  int in = -1;
  int out = -1;
  int err = -1;
};

// A namespace that is joined by fd: "pid", "network", ... It takes the place of the spec's entry of
// the same type, or adds one.
struct JoinedNamespace {
  std::string type;
  int fd = -1;
};

struct InitOptions {
  ContainerStdio stdio;
  // The container's cgroup: one directory per v1 hierarchy, and or the one of v2 (Cgroup::dirs).
  std::vector<std::string> cgroup_dirs;
  std::vector<JoinedNamespace> namespaces;
  // The compiled form of spec.linux_.seccomp (kernel/seccomp.h); null compiles it now.
  const std::vector<sock_filter>* seccomp = nullptr;
  // What the go-ahead comes through: -1 is the channel (ReleaseInit); else a listening unix socket,
  // where the first connection is the go-ahead and carries the answer (ReleaseInitAt).
  int start_listener = -1;
  // Tell a missing program in AwaitReady already, as callers of runc's create expect it.
  bool find_program_early = false;
  bool new_keyring = true;
  bool pivot_root = true;
  int preserve_fds = 0;  // 3 .. 3 + N - 1 stay open across execve
  // For hooks: the state document of the container with its "pid" filled in is their stdin.
  std::string id;
  std::string bundle;
};

struct StartedInit {
  pid_t pid = -1;            // in the caller's pid namespace
  UniqueFd pidfd;            // signals and waitid(P_PIDFD) go through it
  UniqueFd channel;          // readable when AwaitReady or AwaitExec has something to take
  UniqueFd terminal_master;  // after AwaitReady, with process.terminal
};

Result<StartedInit> CloneInit(const spec::Spec& spec, const InitOptions& options);
// On failure the child is dead and reaped.
Result<> AwaitReady(StartedInit& init, const spec::Spec& spec, const InitOptions& options);
Result<> ReleaseInit(StartedInit& init);
// On failure the child ends by itself; the caller reaps it as any exit.
Result<> AwaitExec(StartedInit& init);

Result<StartedInit> CreateInit(const spec::Spec& spec, const InitOptions& options);
Result<> StartInit(StartedInit& init);

// The same go-ahead from another process, through the socket file that start_listener was bound to.
// FailedPrecondition when the init no longer waits there.
Result<> ReleaseInitAt(const std::string& socket_path);

struct ExecOptions {
  // The container's init. All of its namespaces are entered at once (setns on a pidfd).
  int target_pidfd = -1;
  ContainerStdio stdio;
  std::vector<std::string> cgroup_dirs;
  const std::vector<sock_filter>* seccomp = nullptr;  // as in InitOptions
  int preserve_fds = 0;
};

struct StartedExec {
  pid_t pid = -1;
  UniqueFd pidfd;
  UniqueFd channel;
  UniqueFd terminal_master;  // with process.terminal
};

// CONTAINER is the container's spec (seccomp, defaults); PROCESS what to run. Missing capabilities
// in PROCESS are those of the container's process, so that an exec never has more. CloneExec
// returns at once; AwaitExec waits for execve or its error, and on failure reaps the child.
Result<StartedExec> CloneExec(const spec::Spec& container, const spec::Process& process,
                              const ExecOptions& options);
Result<> AwaitExec(StartedExec& exec);
// Both.
Result<StartedExec> StartExec(const spec::Spec& container, const spec::Process& process,
                              const ExecOptions& options);

}  // namespace onggi
