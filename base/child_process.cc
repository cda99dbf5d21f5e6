#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

namespace onggi {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (const std::string& s : strings) out.push_back(const_cast<char*>(s.c_str()));
  out.push_back(nullptr);
  return out;
}

struct SpawnActions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  SpawnActions() {
    (void)posix_spawn_file_actions_init(&files);  // glibc: only allocates nothing, can't fail
    (void)posix_spawnattr_init(&attributes);
  }
  ~SpawnActions() {
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
};

// Fds are first lifted above every target number, so that dup2 onto 0.. can't overwrite one still
// needed.
Result<std::vector<UniqueFd>> LiftFds(const ChildOptions& options) {
  std::vector<int> sources = {options.stdin_fd, options.stdout_fd, options.stderr_fd};
  sources.insert(sources.end(), options.pass_fds.begin(), options.pass_fds.end());
  std::vector<UniqueFd> lifted;
  int floor = static_cast<int>(sources.size());
  for (int source : sources) {
    UniqueFd null;
    if (source < 0) {
      null.reset(open("/dev/null", O_RDWR | O_CLOEXEC));
      if (!null.valid()) return SysError("open(/dev/null)");
      source = null.get();
    }
    int fd = fcntl(source, F_DUPFD_CLOEXEC, floor);
    if (fd < 0) return SysError("fcntl(F_DUPFD_CLOEXEC)");
    lifted.emplace_back(fd);
  }
  return lifted;
}

void ResetSignals(SpawnActions& actions, bool new_session) {
  sigset_t none;
  sigset_t all;
  (void)sigemptyset(&none);
  (void)sigfillset(&all);
  (void)posix_spawnattr_setsigmask(&actions.attributes, &none);
  (void)posix_spawnattr_setsigdefault(&actions.attributes, &all);
  int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (new_session) flags |= POSIX_SPAWN_SETSID;
  (void)posix_spawnattr_setflags(&actions.attributes, static_cast<short>(flags));
}

}  // namespace

Result<ChildProcess> ChildProcess::Spawn(const ChildOptions& options) {
  CHECK(!options.argv.empty());
  TRY_ASSIGN(std::vector<UniqueFd> lifted, LiftFds(options));
  SpawnActions actions;
  ResetSignals(actions, options.new_session);
  for (size_t i = 0; i < lifted.size(); ++i) {
    int rc = posix_spawn_file_actions_adddup2(&actions.files, lifted[i].get(), static_cast<int>(i));
    if (rc != 0) return SysError("posix_spawn_file_actions_adddup2", rc);
  }
  // What we inherited without CLOEXEC must not travel on (CVE-2024-21626). glibc 2.34.
  int rc_close =
      posix_spawn_file_actions_addclosefrom_np(&actions.files, static_cast<int>(lifted.size()));
  if (rc_close != 0) return SysError("posix_spawn_file_actions_addclosefrom_np", rc_close);
  std::vector<char*> argv = Pointers(options.argv);
  std::vector<char*> env = Pointers(options.env);
  pid_t pid = -1;
  int rc = posix_spawn(&pid, argv[0], &actions.files, &actions.attributes, argv.data(), env.data());
  if (rc != 0) return SysError("exec(" + options.argv[0] + ")", rc);
  // We have not reaped it, so the pid is still its own even if it ended already.
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd.valid()) {
    Error error = SysError("pidfd_open");
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, nullptr, 0);
    return error;
  }
  return ChildProcess(pid, std::move(pidfd));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    KillAndReap();
    pid_ = std::exchange(other.pid_, -1);
    pidfd_ = std::move(other.pidfd_);
  }
  return *this;
}

ChildProcess::~ChildProcess() {
  KillAndReap();
}

void ChildProcess::KillAndReap() {
  if (pid_ < 0) return;
  (void)Signal(SIGKILL);  // it may have ended by itself
  (void)Wait();           // nobody asks for the status any more
  pid_ = -1;
}

Result<ExitStatus> ChildProcess::Wait(std::optional<std::chrono::milliseconds> timeout) {
  CHECK(pid_ >= 0);
  if (timeout.has_value()) {
    int64_t end = MonotonicNanos() + timeout->count() * 1'000'000;
    pollfd poll_fd{pidfd_.get(), POLLIN, 0};
    while (true) {
      int64_t left_ms = (end - MonotonicNanos()) / 1'000'000;
      int rc = poll(&poll_fd, 1, static_cast<int>(std::max<int64_t>(left_ms, 0)));
      if (rc > 0) break;
      if (rc < 0 && errno != EINTR) return SysError("poll");
      if (rc == 0) return DeadlineExceeded("still running");
    }
  }
  siginfo_t info{};
  int rc;
  do {
    rc = waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd_.get()), &info, WEXITED);
  } while (rc != 0 && errno == EINTR);
  if (rc != 0) return SysError("waitid");
  pid_ = -1;
  if (info.si_code == CLD_EXITED) return ExitStatus{.code = info.si_status};
  return ExitStatus{.signal = info.si_status};
}

Result<> ChildProcess::Signal(int signal) {
  if (syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0) != 0) {
    return SysError("pidfd_send_signal");
  }
  return Ok();
}

void ChildProcess::Detach() {
  pid_ = -1;
  pidfd_.reset();
}

namespace {

// One end of a running command's standard streams, moved along by poll.
struct Stream {
  UniqueFd fd;
  std::string* sink;
};

// False when the stream ended.
bool Drain(Stream& stream, size_t limit) {
  char buffer[16384];
  ssize_t n = read(stream.fd.get(), buffer, sizeof buffer);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  size_t room = limit - std::min(limit, stream.sink->size());
  stream.sink->append(buffer, std::min(room, static_cast<size_t>(n)));
  return n > 0;
}

// write(2) that answers EPIPE instead of raising SIGPIPE in a caller that does not ignore it: the
// signal is thread-directed, so it is blocked here, and taken back when this write raised it.
ssize_t WriteWithoutSignal(int fd, std::string_view text) {
  sigset_t pipe_signal;
  sigset_t pending;
  sigset_t old;
  (void)sigemptyset(&pipe_signal);
  (void)sigaddset(&pipe_signal, SIGPIPE);
  (void)sigpending(&pending);
  bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
  ssize_t n = write(fd, text.data(), text.size());
  int error = errno;
  if (n < 0 && error == EPIPE && !was_pending) {
    timespec none{};
    (void)sigtimedwait(&pipe_signal, nullptr, &none);  // ours, if it was raised at all
  }
  (void)pthread_sigmask(SIG_SETMASK, &old, nullptr);
  errno = error;
  return n;
}

// False when all was written or the reader is gone.
bool Feed(int fd, std::string_view& text) {
  ssize_t n = WriteWithoutSignal(fd, text);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  text.remove_prefix(static_cast<size_t>(n));
  return !text.empty();
}

struct Exchange {
  UniqueFd in;
  std::string_view text;
  Stream out;
  Stream err;
  size_t limit;

  // Returns false when every stream has ended.
  Result<bool> Step(int timeout_ms) {
    pollfd fds[3] = {{in.get(), POLLOUT, 0}, {out.fd.get(), POLLIN, 0}, {err.fd.get(), POLLIN, 0}};
    int rc = poll(fds, 3, timeout_ms);
    if (rc < 0 && errno != EINTR) return SysError("poll");
    if (rc <= 0) return true;
    if (fds[0].revents != 0 && !Feed(in.get(), text)) in.reset();
    if (fds[1].revents != 0 && !Drain(out, limit)) out.fd.reset();
    if (fds[2].revents != 0 && !Drain(err, limit)) err.fd.reset();
    return out.fd.valid() || err.fd.valid();
  }
};

}  // namespace

Result<CommandOutput> RunCommand(const CommandOptions& options) {
  TRY_ASSIGN(Pipe in, MakePipe());
  TRY_ASSIGN(Pipe out, MakePipe());
  TRY_ASSIGN(Pipe err, MakePipe());
  TRY_ASSIGN(ChildProcess child, ChildProcess::Spawn({.argv = options.argv,
                                                      .env = options.env,
                                                      .stdin_fd = in.read.get(),
                                                      .stdout_fd = out.write.get(),
                                                      .stderr_fd = err.write.get()}));
  in.read.reset();
  out.write.reset();
  err.write.reset();
  (void)fcntl(in.write.get(), F_SETFL, O_NONBLOCK);  // a child that never reads must not hang us
  CommandOutput output;
  Exchange exchange{std::move(in.write), options.text, Stream{std::move(out.read), &output.out},
                    Stream{std::move(err.read), &output.err}, options.output_limit};
  if (options.text.empty()) exchange.in.reset();
  int64_t end = MonotonicNanos() + options.timeout.count() * 1'000'000;
  while (true) {
    int64_t left_ms = (end - MonotonicNanos()) / 1'000'000;
    if (left_ms <= 0) {
      return DeadlineExceeded(options.argv[0] + ": no end after " +
                              std::to_string(options.timeout.count()) + " ms");
    }
    TRY_ASSIGN(bool more, exchange.Step(static_cast<int>(left_ms)));
    if (!more) break;
  }
  auto left = std::chrono::milliseconds(std::max<int64_t>(0, (end - MonotonicNanos()) / 1'000'000));
  TRY_ASSIGN(output.status, child.Wait(left));
  return output;
}

}  // namespace onggi
