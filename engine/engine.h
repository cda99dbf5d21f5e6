// Engine: pods and containers on this node. The facade of the room: server/cri, server/api and
// builder see nothing behind it.
//
// Ids are 64 hex digits; wherever one is looked up a unique prefix is enough, and an ambiguous one
// is InvalidArgument. Lists and statuses come from an immutable snapshot in memory: they never wait
// for a busy pod. Everything acknowledged is in the store; a request repeated is idempotent: the
// same metadata joins a running creation or returns what it made.
//
// Thread-safety: all methods from any thread. Methods that change something block (children, disk,
// network) and hold only their own pod's lock.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "engine/container/container_config.h"
#include "engine/events/event_bus.h"
#include "engine/pod/pod_config.h"
#include "engine/stats/stats.h"
#include "image/image_service.h"
#include "network/network.h"
#include "runtime/client/monitor_client.h"
#include "snapshotter/snapshotter.h"
#include "store/database.h"

namespace onggi {

struct RuntimeHandler {
  std::string name;  // "" is the default
  std::string path;  // an OCI runtime binary; "" is our own monitor
};

struct EngineOptions {
  std::string root;            // survives a reboot
  std::string state;           // on tmpfs: monitors, pins
  std::string runtime_binary;  // onggi-runtime
  bool systemd_cgroups = false;
  std::string cgroup_root = "/onggi";  // parent of pods that name none
  std::string seccomp_profile;         // default profile file; "" is the built-in one
  // What a container has when its configuration says nothing; empty is the built-in list of nine.
  std::vector<std::string> default_capabilities;
  std::vector<RuntimeHandler> handlers;
  size_t max_log_line = 16384;
};

struct ExecOptions {
  std::string container_id;
  std::vector<std::string> command;
  bool terminal = false;
  // Not in CRI: `onggi exec -e -u -w --privileged`.
  std::vector<std::string> env;
  std::string user;
  std::string working_dir;
  bool privileged = false;
};

struct ExecOutput {
  std::string out;  // at most 16 MiB, the rest is read and dropped
  std::string err;
  int exit_code = 0;
};

class Engine {
 public:
  // Reconnects to what runs, takes the exits that happened meanwhile and sweeps what has no owner.
  // The references must outlive the engine.
  static Result<std::unique_ptr<Engine>> Open(EngineOptions options, Database& database,
                                              Snapshotter& snapshotter, ImageService& images,
                                              Network& network);
  virtual ~Engine() = default;  // pods live on

  // Pods.
  virtual Result<std::string> RunPod(const PodConfig& config, const CancelToken& cancel) = 0;
  virtual Result<> StopPod(const std::string& id) = 0;    // unknown: success
  virtual Result<> RemovePod(const std::string& id) = 0;  // unknown: success; stops first
  virtual Result<PodStatus> GetPod(const std::string& id) = 0;
  virtual std::vector<PodStatus> ListPods(const PodFilter& filter) = 0;
  // The same without copying: what is told is never changed.
  virtual std::vector<std::shared_ptr<const PodStatus>> ListPodsShared(const PodFilter& filter) = 0;
  virtual Result<> UpdatePodResources(const std::string& id, const Resources& overhead,
                                      const Resources& resources) = 0;

  // Containers.
  virtual Result<std::string> CreateContainer(const std::string& pod_id,
                                              const ContainerConfig& config,
                                              const CancelToken& cancel) = 0;
  virtual Result<> StartContainer(const std::string& id) = 0;
  virtual Result<> StopContainer(const std::string& id, std::chrono::seconds timeout) = 0;
  virtual Result<> RemoveContainer(const std::string& id) = 0;
  virtual Result<> KillContainer(const std::string& id, int signal) = 0;
  virtual Result<ContainerStatus> GetContainer(const std::string& id) = 0;
  virtual std::vector<ContainerStatus> ListContainers(const ContainerFilter& filter) = 0;
  virtual std::vector<std::shared_ptr<const ContainerStatus>> ListContainersShared(
      const ContainerFilter& filter) = 0;
  virtual Result<> UpdateContainer(const std::string& id, const Resources& resources) = 0;
  virtual Result<> PauseContainer(const std::string& id, bool paused) = 0;
  virtual Result<> ReopenLog(const std::string& id) = 0;
  // Blocks until it ended; the exit code.
  virtual Result<int> WaitContainer(const std::string& id, const CancelToken& cancel) = 0;
  // The OCI spec that it was made from, for verbose status and `inspect`.
  virtual Result<std::string> ContainerSpecJson(const std::string& id) = 0;

  // Streams.
  virtual Result<ExecOutput> ExecSync(const ExecOptions& options,
                                      std::optional<std::chrono::milliseconds> timeout,
                                      const CancelToken& cancel) = 0;
  // A started exec; the caller owns the fds of STDIO (see monitor_client.h) and waits with
  // WaitExec.
  struct ExecSession {
    std::string container_id;
    ExecHandle handle;
  };
  virtual Result<ExecSession> StartExec(const ExecOptions& options, int stdin_fd, int stdout_fd,
                                        int stderr_fd) = 0;
  virtual Result<int> WaitExec(const ExecSession& session, const CancelToken& cancel) = 0;
  virtual Result<> ResizeExec(const ExecSession& session, uint16_t width, uint16_t height) = 0;
  virtual Result<AttachHandle> Attach(const std::string& id) = 0;
  virtual Result<> ResizeContainer(const std::string& id, uint16_t width, uint16_t height) = 0;
  // A stream socket connected to PORT on the pod's loopback (127.0.0.1, then ::1).
  virtual Result<UniqueFd> DialPod(const std::string& pod_id, uint16_t port) = 0;

  // Stats and events.
  virtual Result<ContainerStats> StatsOf(const std::string& container_id) = 0;
  virtual std::vector<ContainerStats> ListStats(const ContainerFilter& filter) = 0;
  virtual Result<PodStats> PodStatsOf(const std::string& pod_id) = 0;
  virtual std::vector<PodStats> ListPodStats(const PodFilter& filter) = 0;
  virtual EventBus& events() = 0;

  // What the node can do.
  virtual bool uses_systemd_cgroups() const = 0;
  virtual Result<> RuntimeReady() = 0;
  virtual Result<> NetworkReady() = 0;
  virtual std::vector<RuntimeHandler> handlers() const = 0;
};

}  // namespace onggi
