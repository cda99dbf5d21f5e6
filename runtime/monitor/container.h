// Container: one container of the pod, from its creation until it is deleted.
//
// Thread-safety: the loop's thread. Ownership: its first process (as a child to be reaped by the
// owner of this object, see BeforeReap), stdio, log. Nothing here waits for the container.
#pragma once

#include <linux/filter.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/client/monitor_client.h"
#include "runtime/monitor/container_spec.h"
#include "runtime/monitor/cri_log.h"
#include "runtime/monitor/event_loop.h"
#include "runtime/monitor/input_pump.h"
#include "runtime/monitor/output_stream.h"
#include "runtime/monitor/state_file.h"
#include "runtime/process/container_process.h"

namespace onggi {

// What the containers of a pod have in common. All outlive them.
struct PodContext {
  EventLoop* loop;
  OutputBuffers* buffers;
  StateDirectory* state;
  int user_fd;  // the pod's user namespace, -1 without
};

class Container {
 public:
  using Done = std::function<void(const Result<>&)>;

  struct Options {
    ContainerCreate request;
    PidSource pid = PidSource::kOwn;
    int pid_fd = -1;  // for kPod and kTarget
    std::shared_ptr<const std::vector<sock_filter>> seccomp;
  };
  // READY is called from the loop when the first process stands before execve, or has failed; then
  // state() is still kCreated and the object is of no more use.
  static Result<std::unique_ptr<Container>> Create(const PodContext& pod, Options options,
                                                   Done ready);
  ~Container();

  const std::string& id() const { return id_; }
  pid_t pid() const { return init_.pid; }
  int pidfd() const { return init_.pidfd.get(); }
  MonitoredContainer Snapshot() const;
  bool is_ready() const { return phase_ != Phase::kCreating; }
  bool has_ended() const { return shown_.exit.has_value(); }
  bool is_running() const { return shown_.state == MonitoredContainer::State::kRunning; }

  // For execs.
  const spec::Spec& spec() const { return spec_; }
  const std::vector<std::string>& cgroup_dirs() const { return cgroup_dirs_; }
  const std::vector<sock_filter>* seccomp() const { return seccomp_.get(); }
  // Which of cgroup_dirs() execs are tracked in (cgroup_watch.h); looked up once.
  size_t tracking_dir();

  // DONE is called from the loop when execve has happened or failed.
  Result<> Start(Done done);
  Result<> Signal(int signal);
  // SIGKILL to everything in it.
  void Kill();

  // Descriptors for the caller to send: {stdin}, stdout, stderr; -1 for those it does not have.
  struct Attachment {
    UniqueFd in, out, err;
    bool terminal = false;
  };
  Result<Attachment> Attach();
  Result<> Resize(uint16_t width, uint16_t height);
  Result<> ReopenLog();
  void CloseStdin();

  // The first process is a zombie: takes what it still had to say about its start.
  void BeforeReap();
  // It has been reaped: drains its output, records the exit, then returns it.
  ContainerExit Reaped(int wait_status);

 private:
  enum class Phase { kCreating, kWaiting, kStarting, kStarted };
  Container(const PodContext& pod, Options options, Done ready);
  Result<> Begin(Options& options);
  Result<> WatchChannel();
  void ChannelReady();
  Result<> AfterReady();
  Result<> StartStream(std::unique_ptr<OutputStream>& stream, CriLog::Stream kind, UniqueFd source);
  Result<> Record();

  PodContext pod_;
  std::string id_;
  Phase phase_ = Phase::kCreating;
  Done done_;
  MonitoredContainer shown_;
  spec::Spec spec_;
  InitOptions init_options_;
  StartedInit init_;
  bool channel_watched_ = false;
  bool own_pid_namespace_;
  std::vector<std::string> cgroup_dirs_;
  std::optional<size_t> tracking_dir_;
  std::shared_ptr<const std::vector<sock_filter>> seccomp_;

  std::unique_ptr<CriLog> log_;
  std::unique_ptr<OutputStream> out_;
  std::unique_ptr<OutputStream> err_;
  bool stdin_once_;
  UniqueFd stdin_;     // write end, or the terminal's master
  UniqueFd terminal_;  // master
  std::map<uint64_t, std::unique_ptr<InputPump>> pumps_;
  uint64_t last_pump_ = 0;
};

}  // namespace onggi
