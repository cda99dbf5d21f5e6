#include "runtime/monitor/exec_table.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_io.h"
#include "runtime/monitor/cgroup_watch.h"

namespace onggi {
namespace {

constexpr auto kSweepInterval = std::chrono::milliseconds(5);
constexpr int kSweeps = 400;

Error KilledError(Code why) {
  return why == Code::kDeadlineExceeded
             ? DeadlineExceeded("the command did not end in time and was killed")
             : Cancelled("the command was killed");
}

}  // namespace

// Puts a new group into DIRS in the place of the one that tracks. "" without one: then only the
// first process can be killed.
Result<std::string> ExecTable::Track(Container& container, std::vector<std::string>& dirs,
                                     const std::string& id) {
  dirs = container.cgroup_dirs();
  size_t at = container.tracking_dir();
  if (at == dirs.size()) return std::string();
  std::string dir = dirs[at] + "/exec-" + id;
  if (mkdir(dir.c_str(), 0755) != 0) return SysError("mkdir(" + dir + ")");
  dirs[at] = dir;
  return dir;
}

Result<> ExecTable::Begin(Request& request, UniqueFd& answer) {
  TRY_ASSIGN(ExecStart exec, DecodeExec(request.message));
  if (all_.count(exec.exec_id) > 0) return AlreadyExists("exec " + exec.exec_id);
  TRY_ASSIGN(Container * container, containers_->Find(exec.container_id));
  if (!container->is_running()) {
    return FailedPrecondition("container " + exec.container_id + " is not running");
  }
  auto process = std::make_unique<Process>();
  process->id = exec.exec_id;
  process->start = request.responder;
  size_t wanted = static_cast<size_t>(exec.has_fd[0] + exec.has_fd[1] + exec.has_fd[2]);
  if (request.fds.size() != wanted || exec.wait != answer.valid()) {
    return InvalidArgument("the message has " + std::to_string(request.fds.size()) + " fds");
  }
  size_t next = 0;
  ExecOptions options;
  if (exec.has_fd[0]) options.stdio.in = request.fds[next++].get();
  if (exec.has_fd[1]) options.stdio.out = request.fds[next++].get();
  if (exec.has_fd[2]) options.stdio.err = request.fds[next++].get();
  options.target_pidfd = container->pidfd();
  options.seccomp = container->seccomp();
  TRY_ASSIGN(process->tracking_dir, Track(*container, options.cgroup_dirs, exec.exec_id));
  if (!exec.process.oom_score_adj) {
    exec.process.oom_score_adj = container->spec().process->oom_score_adj;
  }
  auto started = CloneExec(container->spec(), exec.process, options);
  if (!started) {
    if (!process->tracking_dir.empty()) (void)rmdir(process->tracking_dir.c_str());  // empty
    return std::move(started).error();
  }
  process->started = std::move(*started);
  std::string id = process->id;
  TRY(loop_->Watch(process->started.channel.get(), EPOLLIN,
                   [this, id](uint32_t) { ChannelReady(id); }));
  process->channel_watched = true;
  process->answer = std::move(answer);
  StartTimer(*process, exec.timeout_ms);
  all_[id] = std::move(process);
  return Ok();
}

void ExecTable::Exec(Request& request) {
  UniqueFd answer;
  if (JsonBool(request.message.body, "wait").value_or(false) && !request.fds.empty()) {
    answer = std::move(request.fds.back());
    request.fds.pop_back();
  }
  auto begun = Begin(request, answer);
  if (begun) return;
  if (!answer.valid()) return request.responder.Fail(begun.error());
  // The answer goes where the caller waits for it.
  Process process;
  process.answer = std::move(answer);
  Answer(process, std::move(begun).error());
}

void ExecTable::ChannelReady(const std::string& id) {
  auto found = all_.find(id);
  if (found == all_.end()) return;
  Process& process = *found->second;
  loop_->Unwatch(process.started.channel.get());
  process.channel_watched = false;
  auto executed = AwaitExec(process.started);
  process.started.channel.reset();
  if (!executed) {  // it has been reaped
    if (process.answer.valid()) {
      Answer(process, std::move(executed).error());
    } else {
      process.start.Fail(executed.error());
    }
    return Remove(id);
  }
  if (process.answer.valid()) return;
  std::vector<int> fds;
  if (process.started.terminal_master.valid()) fds.push_back(process.started.terminal_master.get());
  process.start.Answer(Json{{"pid", process.started.pid}}, fds);
}

void ExecTable::StartTimer(Process& process, int64_t timeout_ms) {
  if (timeout_ms <= 0) return;
  loop_->Cancel(process.timer);
  process.timer = loop_->After(std::chrono::milliseconds(timeout_ms), [this, id = process.id] {
    auto found = all_.find(id);
    if (found != all_.end()) KillTree(*found->second, Code::kDeadlineExceeded);
  });
}

void ExecTable::KillTree(Process& process, Code why) {
  if (!process.killed) process.killed = why;
  if (!process.exit_code) {
    // The first process is ours and not reaped; the rest is in its group.
    (void)syscall(SYS_pidfd_send_signal, process.started.pidfd.get(), SIGKILL, nullptr, 0);
  }
  if (!process.tracking_dir.empty()) KillCgroup({process.tracking_dir});
}

Result<ExecTable::Process*> ExecTable::Named(const Request& request) {
  TRY_ASSIGN(std::string id, JsonString(request.message.body, "exec"));
  auto found = all_.find(id);
  if (found == all_.end()) return NotFound("exec " + id);
  return found->second.get();
}

void ExecTable::Wait(const Request& request) {
  auto process = Named(request);
  if (!process) return request.responder.Fail(process.error());
  auto timeout = JsonInt(request.message.body, "timeout_ms");
  if (!timeout || *timeout < 0) {
    return request.responder.Fail(InvalidArgument("timeout_ms: expected 0 or more"));
  }
  if ((*process)->waiter) {
    return request.responder.Fail(FailedPrecondition("somebody waits for this exec already"));
  }
  (*process)->waiter = request.responder;
  if ((*process)->exit_code) return Finish((*process)->id);
  StartTimer(**process, *timeout);
}

void ExecTable::Kill(const Request& request) {
  auto process = Named(request);
  if (process) KillTree(**process, Code::kCancelled);
  request.responder.Finish(Ok());  // unknown: it has ended meanwhile
}

void ExecTable::Signal(const Request& request) {
  auto signal = [&]() -> Result<> {
    TRY_ASSIGN(Process * process, Named(request));
    TRY_ASSIGN(int64_t number, JsonInt(request.message.body, "signal"));
    if (number < 1 || number > 64) return InvalidArgument("signal " + std::to_string(number));
    if (process->exit_code) return Ok();
    long sent = syscall(SYS_pidfd_send_signal, process->started.pidfd.get(),
                        static_cast<int>(number), nullptr, 0);
    if (sent != 0 && errno != ESRCH) return SysError("pidfd_send_signal");
    return Ok();
  };
  request.responder.Finish(signal());
}

bool ExecTable::Resize(const std::string& target, uint16_t width, uint16_t height,
                       Result<>& result) {
  auto found = all_.find(target);
  if (found == all_.end()) return false;
  int master = found->second->started.terminal_master.get();
  winsize size{.ws_row = height, .ws_col = width};
  if (master < 0) {
    result = FailedPrecondition("exec " + target + " has no terminal");
  } else if (ioctl(master, TIOCSWINSZ, &size) != 0) {
    result = SysError("ioctl(TIOCSWINSZ)");
  }
  return true;
}

ExecTable::Process* ExecTable::OfPid(pid_t pid) {
  for (auto& [id, process] : all_) {
    if (process->started.pid == pid && !process->exit_code) return process.get();
  }
  return nullptr;
}

bool ExecTable::Ended(pid_t pid) {
  Process* process = OfPid(pid);
  if (process == nullptr) return false;
  if (process->channel_watched) ChannelReady(process->id);
  return true;
}

bool ExecTable::Reaped(pid_t pid, int status) {
  Process* process = OfPid(pid);
  if (process == nullptr) return false;
  process->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  process->started.terminal_master.reset();
  loop_->Cancel(process->timer);
  if (process->killed || process->answer.valid() || process->waiter) Finish(process->id);
  return true;
}

// Its first process has ended. After a kill the answer waits until the rest has ended, too.
void ExecTable::Finish(const std::string& id) {
  auto found = all_.find(id);
  if (found == all_.end()) return;
  Process& process = *found->second;
  bool swept =
      process.tracking_dir.empty() || rmdir(process.tracking_dir.c_str()) == 0 || errno == ENOENT;
  if (process.killed && !swept && ++process.sweeps < kSweeps) {
    KillCgroup({process.tracking_dir});
    loop_->After(kSweepInterval, [this, id] { Finish(id); });
    return;
  }
  Result<int> result = *process.exit_code;
  if (process.killed) result = KilledError(*process.killed);
  bool told = process.answer.valid() || process.waiter;
  Answer(process, result);
  // One that was killed is kept for who will ask why.
  if (told || !process.killed) Remove(id);
}

void ExecTable::Answer(Process& process, const Result<int>& result) {
  Json body{{"exit_code", result ? *result : 0}};
  if (process.waiter) {
    if (result) {
      process.waiter->Answer(std::move(body));
    } else {
      process.waiter->Fail(result.error());
    }
    process.waiter.reset();
  }
  if (!process.answer.valid()) return;
  std::string bytes =
      result ? EncodeAnswer(0, std::move(body))
             : EncodeError(0, Error(result.error().code(), result.error().message().substr(0, 2000),
                                    result.error().sys_errno()));
  // A fresh pipe takes it whole; a reader that has gone needs no answer.
  (void)WriteAll(process.answer.get(), bytes);
  process.answer.reset();
}

void ExecTable::Remove(const std::string& id) {
  auto found = all_.find(id);
  if (found == all_.end()) return;
  loop_->Cancel(found->second->timer);
  if (found->second->channel_watched) loop_->Unwatch(found->second->started.channel.get());
  const std::string& dir = found->second->tracking_dir;
  if (!dir.empty()) (void)rmdir(dir.c_str());  // busy: what was left behind lives there
  all_.erase(found);
}

void ExecTable::ConnectionClosed(uint64_t connection) {
  std::vector<std::string> ended;
  for (auto& [id, process] : all_) {
    if (process->start.connection() != connection) continue;
    if (process->exit_code) {
      ended.push_back(id);
      continue;
    }
    KillTree(*process, Code::kCancelled);
    process->waiter.emplace();  // nobody: it is removed when it has ended
  }
  for (const std::string& id : ended) Remove(id);
}

void ExecTable::KillAll() {
  for (auto& [id, process] : all_) {
    if (!process->exit_code) KillTree(*process, Code::kCancelled);
  }
}

}  // namespace onggi
