#include "runtime/monitor/container.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_io.h"
#include "runtime/client/monitor_protocol.h"
#include "runtime/monitor/cgroup_watch.h"

namespace onggi {

Container::Container(const PodContext& pod, Options options, Done ready)
    : pod_(pod),
      id_(options.request.id),
      done_(std::move(ready)),
      spec_(std::move(options.request.spec)),
      own_pid_namespace_(options.pid == PidSource::kOwn),
      cgroup_dirs_(std::move(options.request.cgroup_dirs)),
      seccomp_(std::move(options.seccomp)),
      stdin_once_(options.request.stdin_once) {
  shown_.id = id_;
}

Result<std::unique_ptr<Container>> Container::Create(const PodContext& pod, Options options,
                                                     Done ready) {
  Options kept{.request = {.id = options.request.id,
                           .log_path = options.request.log_path,
                           .max_log_line = options.request.max_log_line,
                           .stdin_open = options.request.stdin_open},
               .pid = options.pid,
               .pid_fd = options.pid_fd};
  std::unique_ptr<Container> out(new Container(pod, std::move(options), std::move(ready)));
  TRY(out->Begin(kept));
  return out;
}

Container::~Container() {
  if (channel_watched_) pod_.loop->Unwatch(init_.channel.get());
  pumps_.clear();
  out_.reset();
  err_.reset();  // the streams write their last line into the log
}

Result<> Container::Begin(Options& options) {
  FitSpecToPod(spec_, options.pid, pod_.user_fd >= 0);
  LogFile file;
  if (!options.request.log_path.empty()) {
    TRY_ASSIGN(file, LogFile::Open(options.request.log_path));
  }
  log_ = std::make_unique<CriLog>(std::move(file), options.request.max_log_line);
  init_options_.id = id_;
  init_options_.cgroup_dirs = cgroup_dirs_;
  init_options_.seccomp = seccomp_.get();
  if (pod_.user_fd >= 0) init_options_.namespaces.push_back({"user", pod_.user_fd});
  if (options.pid_fd >= 0) init_options_.namespaces.push_back({"pid", options.pid_fd});
  Pipe in, out, err;  // the child's ends close when this returns
  if (!spec_.process->terminal) {
    if (options.request.stdin_open) {
      TRY_ASSIGN(in, MakePipe());
      init_options_.stdio.in = in.read.get();
    }
    TRY_ASSIGN(out, MakePipe());
    TRY_ASSIGN(err, MakePipe());
    init_options_.stdio.out = out.write.get();
    init_options_.stdio.err = err.write.get();
    TRY(StartStream(out_, CriLog::Stream::kStdout, std::move(out.read)));
    TRY(StartStream(err_, CriLog::Stream::kStderr, std::move(err.read)));
    stdin_ = std::move(in.write);
  }
  TRY_ASSIGN(init_, CloneInit(spec_, init_options_));
  shown_.pid = init_.pid;
  init_options_.stdio = {};
  auto watched = WatchChannel();
  if (!watched) Kill();
  return watched;
}

Result<> Container::StartStream(std::unique_ptr<OutputStream>& stream, CriLog::Stream kind,
                                UniqueFd source) {
  stream = std::make_unique<OutputStream>(
      OutputStream::Parts{pod_.loop, pod_.buffers, log_.get(), kind}, std::move(source));
  return stream->Start();
}

Result<> Container::WatchChannel() {
  TRY(pod_.loop->Watch(init_.channel.get(), EPOLLIN, [this](uint32_t) { ChannelReady(); }));
  channel_watched_ = true;
  return Ok();
}

void Container::ChannelReady() {
  pod_.loop->Unwatch(init_.channel.get());
  channel_watched_ = false;
  Result<> result = Ok();
  if (phase_ == Phase::kCreating) {
    result = AwaitReady(init_, spec_, init_options_);
    if (result) result = AfterReady();
  } else {
    result = AwaitExec(init_);
    phase_ = Phase::kStarted;
    if (result) {
      shown_.started_at_ns = WallNanos();
      shown_.state = MonitoredContainer::State::kRunning;
      result = Record();
    }
  }
  Done done = std::move(done_);
  done(result);  // may destroy this
}

Result<> Container::AfterReady() {
  if (spec_.process->terminal) {
    terminal_ = std::move(init_.terminal_master);
    TRY_ASSIGN(UniqueFd source, terminal_.Duplicate());
    TRY_ASSIGN(stdin_, terminal_.Duplicate());
    TRY(StartStream(out_, CriLog::Stream::kStdout, std::move(source)));
  }
  phase_ = Phase::kWaiting;
  spec_ = KeptSpec(std::move(spec_));
  init_options_ = {};
  return Record();
}

Result<> Container::Record() {
  return pod_.state->Write(id_ + ".json", DumpJson(EncodeContainer(shown_)) + "\n");
}

MonitoredContainer Container::Snapshot() const {
  MonitoredContainer out = shown_;
  out.log_dropped_bytes = log_->dropped_bytes();
  return out;
}

Result<> Container::Start(Done done) {
  if (phase_ != Phase::kWaiting || has_ended()) {
    return FailedPrecondition("container " + id_ + " is not in the state created");
  }
  TRY(ReleaseInit(init_));
  phase_ = Phase::kStarting;
  done_ = std::move(done);
  return WatchChannel();
}

Result<> Container::Signal(int signal) {
  if (has_ended()) return Ok();
  if (syscall(SYS_pidfd_send_signal, init_.pidfd.get(), signal, nullptr, 0) != 0) {
    if (errno == ESRCH) return Ok();
    if (errno == EINVAL) return InvalidArgument("signal " + std::to_string(signal));
    return SysError("pidfd_send_signal");
  }
  // The pid namespace dies with its first process; without one of its own the container is what is
  // in its cgroup.
  if (signal == SIGKILL && !own_pid_namespace_) KillCgroup(cgroup_dirs_);
  return Ok();
}

void Container::Kill() {
  (void)Signal(SIGKILL);  // the exit will tell
  if (has_ended() && !own_pid_namespace_) KillCgroup(cgroup_dirs_);
}

Result<Container::Attachment> Container::Attach() {
  if (has_ended()) return FailedPrecondition("container " + id_ + " has ended");
  Attachment attachment;
  attachment.terminal = terminal_.valid();
  if (out_) {
    TRY_ASSIGN(attachment.out, out_->Attach());
  }
  if (err_) {
    TRY_ASSIGN(attachment.err, err_->Attach());
  }
  if (!stdin_.valid()) return attachment;
  TRY_ASSIGN(Pipe pipe, MakePipe());
  TRY_ASSIGN(UniqueFd sink, stdin_.Duplicate());
  if (fcntl(sink.get(), F_SETFL, O_NONBLOCK) != 0) return SysError("fcntl(F_SETFL)");
  uint64_t number = ++last_pump_;
  auto pump =
      std::make_unique<InputPump>(pod_.loop, std::move(pipe.read), std::move(sink), [this, number] {
        auto ended = pumps_.extract(number);
        if (stdin_once_) CloseStdin();
      });
  TRY(pump->Start());
  pumps_[number] = std::move(pump);
  attachment.in = std::move(pipe.write);
  return attachment;
}

size_t Container::tracking_dir() {
  if (!tracking_dir_) tracking_dir_ = TrackingDir(cgroup_dirs_);
  return *tracking_dir_;
}

Result<> Container::Resize(uint16_t width, uint16_t height) {
  if (!terminal_.valid()) return FailedPrecondition("container " + id_ + " has no terminal");
  winsize size{.ws_row = height, .ws_col = width};
  if (ioctl(terminal_.get(), TIOCSWINSZ, &size) != 0) return SysError("ioctl(TIOCSWINSZ)");
  return Ok();
}

Result<> Container::ReopenLog() {
  if (!is_running()) return FailedPrecondition("container " + id_ + " is not running");
  return log_->Reopen();
}

void Container::CloseStdin() {
  pumps_.clear();
  if (!terminal_.valid()) return stdin_.reset();
  // The line discipline's end of file; the terminal itself stays.
  if (stdin_.valid()) (void)WriteAll(stdin_.get(), "\x04");  // full: it has input anyway
  stdin_.reset();
}

void Container::BeforeReap() {
  if (channel_watched_) ChannelReady();
}

ContainerExit Container::Reaped(int wait_status) {
  if (out_) out_->Drain();
  if (err_) err_->Drain();
  ContainerExit exit;
  exit.id = id_;
  exit.signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
  exit.exit_code = exit.signal != 0 ? 128 + exit.signal : WEXITSTATUS(wait_status);
  exit.finished_at_ns = WallNanos();
  exit.oom_killed = exit.exit_code != 0 && CountOomKills(cgroup_dirs_) > 0;
  shown_.exit = exit;
  shown_.state = MonitoredContainer::State::kExited;
  if (!own_pid_namespace_) KillCgroup(cgroup_dirs_);
  // On a full tmpfs the exit is still told; only a daemon that is away could miss it then, and it
  // asks this process first.
  (void)Record();
  CloseStdin();
  return exit;
}

}  // namespace onggi
