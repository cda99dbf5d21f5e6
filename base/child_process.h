// ChildProcess: a program started by posix_spawn(3) and held by a pidfd. The daemon's only way to
// start one.
//
//   ChildOptions options{.argv = {"/opt/cni/bin/bridge"}, .env = {...}, .stdin_fd = in.get()};
//   TRY_ASSIGN(ChildProcess child, ChildProcess::Spawn(options));
//   TRY_ASSIGN(ExitStatus status, child.Wait(deadline));
//
// The child gets exactly the three standard fds and PASS_FDS (renumbered from 3 in order), a reset
// signal mask and default dispositions. Linux 5.4 for waitid(P_PIDFD).
//
// Thread-safety: one thread at a time. Ownership: kills (SIGKILL) and reaps in the destructor
// unless Detach() was called.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace onggi {

struct ChildOptions {
  std::vector<std::string> argv;  // argv[0] is a path, never searched in PATH
  std::vector<std::string> env;   // whole environment, "KEY=value"
  int stdin_fd = -1;              // -1: /dev/null, as for the next two
  int stdout_fd = -1;
  int stderr_fd = -1;
  std::vector<int> pass_fds;
  bool new_session = false;  // setsid: terminal signals of the parent don't reach it
};

struct ExitStatus {
  int code = 0;    // exit code, when signal is 0
  int signal = 0;  // the signal that ended it
  bool ok() const { return code == 0 && signal == 0; }
  // As a shell and CRI count it: 128 + signal when killed.
  int ShellCode() const { return signal != 0 ? 128 + signal : code; }
};

class ChildProcess {
 public:
  static Result<ChildProcess> Spawn(const ChildOptions& options);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }  // for display
  int pidfd() const { return pidfd_.get(); }

  // Blocks until it ended. DeadlineExceeded (still running, not killed) when TIMEOUT passed.
  Result<ExitStatus> Wait(std::optional<std::chrono::milliseconds> timeout = std::nullopt);
  // Through the pidfd: never hits a reused pid.
  Result<> Signal(int signal);
  // Lets it live on; it is no longer ours to reap.
  void Detach();

 private:
  ChildProcess(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  void KillAndReap();

  pid_t pid_ = -1;
  UniqueFd pidfd_;
};

// Runs a program to its end with TEXT on its stdin and both outputs collected (each up to
// OUTPUT_LIMIT bytes, the rest is read and dropped). DeadlineExceeded after TIMEOUT, the child
// killed.
struct CommandOutput {
  ExitStatus status;
  std::string out;
  std::string err;
};
struct CommandOptions {
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string text;
  std::chrono::milliseconds timeout{60'000};
  size_t output_limit = 1 << 20;
};
Result<CommandOutput> RunCommand(const CommandOptions& options);

}  // namespace onggi
