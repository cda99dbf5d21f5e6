// ExecSync: a command's whole output, bounded, and its exit code.
//
// The usual command is over when both pipes are at their end; only for what lives longer is a
// thread started to wait for the exit itself, because a child in the background may hold the pipes
// open for ever.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include "engine/engine_impl.h"

namespace onggi {
namespace {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;

constexpr size_t kOutputLimit = 16 << 20;  // a stream; the rest is read and dropped
constexpr auto kShortCommand = std::chrono::milliseconds(20);

// The read ends of both streams and what came through them.
class Collector {
 public:
  Collector(UniqueFd out, UniqueFd err) : out_(std::move(out)), err_(std::move(err)) {}

  bool at_end() const { return !out_.valid() && !err_.valid(); }

  // Reads until both are at their end, STOP is readable, or DEADLINE.
  void Read(int stop, Deadline deadline) {
    while (!at_end()) {
      pollfd fds[3] = {{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}, {stop, POLLIN, 0}};
      int timeout = -1;
      if (deadline) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
        timeout = static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30));
      }
      int ready = poll(fds, 3, timeout);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return;
      if (fds[0].revents != 0) Take(out_, output_.out);
      if (fds[1].revents != 0) Take(err_, output_.err);
      if (fds[2].revents != 0) return;
    }
  }
  // What is in the pipes now, without waiting for more.
  void Drain() {
    for (bool more = true; more;) more = Take(out_, output_.out) || Take(err_, output_.err);
  }
  ExecOutput TakeOutput() { return std::move(output_); }

 private:
  // False when there was nothing (or the end, which closes FD).
  static bool Take(UniqueFd& fd, std::string& into) {
    if (!fd.valid()) return false;
    char buffer[65536];
    ssize_t n = read(fd.get(), buffer, sizeof buffer);
    if (n > 0) {
      size_t room = kOutputLimit - into.size();
      into.append(buffer, std::min(static_cast<size_t>(n), room));
      return true;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
    fd.reset();
    return false;
  }

  UniqueFd out_;
  UniqueFd err_;
  ExecOutput output_;
};

std::optional<std::chrono::milliseconds> LeftUntil(Deadline deadline) {
  if (!deadline) return std::nullopt;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
  return std::max(left, std::chrono::milliseconds(1));
}

struct Waiting {
  MonitorClient* monitor;
  std::string exec_id;
  Deadline deadline;
  CancelToken cancel;

  Result<int> Wait() const { return monitor->WaitExec(exec_id, LeftUntil(deadline), cancel); }
};

// Waits for the exit in a thread while this one keeps the pipes empty.
Result<int> WaitBeside(const Waiting& waiting, Collector& collector) {
  UniqueFd done(eventfd(0, EFD_CLOEXEC));
  if (!done.valid()) return SysError("eventfd");
  std::optional<Result<int>> code;
  std::thread waiter([&] {
    code = waiting.Wait();
    (void)eventfd_write(done.get(), 1);  // cannot fail: the counter is far from full
  });
  collector.Read(done.get(), std::nullopt);
  waiter.join();
  collector.Drain();
  return std::move(*code);
}

}  // namespace

Result<EngineImpl::ExecSession> EngineImpl::StartExecOn(const std::string& container_id,
                                                        const ExecOptions& options,
                                                        const int (&stdio)[3]) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(container_id));
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOfRunning(*container));
  ExecRequest request;
  request.container_id = container->id();
  TRY_ASSIGN(request.process, ExecProcess(*container, options));
  request.stdin_fd = stdio[0];
  request.stdout_fd = stdio[1];
  request.stderr_fd = stdio[2];
  TRY_ASSIGN(ExecHandle handle, monitor->Exec(request));
  return ExecSession{container->id(), std::move(handle)};
}

Result<ExecOutput> EngineImpl::ExecSync(const ExecOptions& options,
                                        std::optional<std::chrono::milliseconds> timeout,
                                        const CancelToken& cancel) {
  std::string what = "exec in container " + options.container_id;
  Deadline deadline;
  if (timeout) deadline = Clock::now() + *timeout;
  TRY_ASSIGN(Pipe out, MakePipe());
  TRY_ASSIGN(Pipe err, MakePipe());
  // Only our ends: the command expects blocking ones.
  for (int fd : {out.read.get(), err.read.get()}) {
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) return SysError("fcntl(O_NONBLOCK)");
  }
  ExecOptions plain = options;
  plain.terminal = false;
  auto started = StartExecOn(options.container_id, plain, {-1, out.write.get(), err.write.get()});
  if (!started) return std::move(std::move(started).Wrap(what)).error();
  out.write.reset();
  err.write.reset();
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(started->container_id));
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOf(*container));
  Collector collector(std::move(out.read), std::move(err.read));
  Waiting waiting{monitor.get(), started->handle.exec_id, deadline, cancel};
  collector.Read(-1, Clock::now() + kShortCommand);
  auto code = collector.at_end() ? waiting.Wait() : WaitBeside(waiting, collector);
  if (!code) return std::move(std::move(code).Wrap(what)).error();
  ExecOutput output = collector.TakeOutput();
  output.exit_code = *code;
  return output;
}

}  // namespace onggi
