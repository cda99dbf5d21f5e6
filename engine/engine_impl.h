// EngineImpl: the engine behind the facade. One operation per file, in the folder of its noun; this
// class holds what they share.
//
// Lock order: Pod::operation, then Container::operation, then the small mutexes inside the objects,
// which are held for memory only. docs/ENGINE.md tells the life cycles.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/rollback.h"
#include "base/thread_pool.h"
#include "engine/container/container.h"
#include "engine/container/image_root.h"
#include "engine/container/spec_builder.h"
#include "engine/engine.h"
#include "engine/name_table.h"
#include "engine/pod/pod.h"
#include "engine/record/records.h"
#include "engine/registry.h"
#include "engine/stats/cpu_sampler.h"

namespace onggi {

class EngineImpl : public Engine {
 public:
  struct Rooms {
    Database* database;
    Snapshotter* snapshotter;
    ImageService* images;
    Network* network;
  };
  EngineImpl(EngineOptions options, Rooms rooms, Records records);
  ~EngineImpl() override;
  // recovery/: called once, before anything else.
  Result<> Recover();

  Result<std::string> RunPod(const PodConfig& config, const CancelToken& cancel) override;
  Result<> StopPod(const std::string& id) override;
  Result<> RemovePod(const std::string& id) override;
  Result<PodStatus> GetPod(const std::string& id) override;
  std::vector<PodStatus> ListPods(const PodFilter& filter) override;
  std::vector<std::shared_ptr<const PodStatus>> ListPodsShared(const PodFilter& filter) override;
  Result<> UpdatePodResources(const std::string& id, const Resources& overhead,
                              const Resources& resources) override;

  Result<std::string> CreateContainer(const std::string& pod_id, const ContainerConfig& config,
                                      const CancelToken& cancel) override;
  Result<> StartContainer(const std::string& id) override;
  Result<> StopContainer(const std::string& id, std::chrono::seconds timeout) override;
  Result<> RemoveContainer(const std::string& id) override;
  Result<> KillContainer(const std::string& id, int signal) override;
  Result<ContainerStatus> GetContainer(const std::string& id) override;
  std::vector<ContainerStatus> ListContainers(const ContainerFilter& filter) override;
  std::vector<std::shared_ptr<const ContainerStatus>> ListContainersShared(
      const ContainerFilter& filter) override;
  Result<> UpdateContainer(const std::string& id, const Resources& resources) override;
  Result<> PauseContainer(const std::string& id, bool paused) override;
  Result<> ReopenLog(const std::string& id) override;
  Result<int> WaitContainer(const std::string& id, const CancelToken& cancel) override;
  Result<std::string> ContainerSpecJson(const std::string& id) override;

  Result<ExecOutput> ExecSync(const ExecOptions& options,
                              std::optional<std::chrono::milliseconds> timeout,
                              const CancelToken& cancel) override;
  Result<ExecSession> StartExec(const ExecOptions& options, int stdin_fd, int stdout_fd,
                                int stderr_fd) override;
  Result<int> WaitExec(const ExecSession& session, const CancelToken& cancel) override;
  Result<> ResizeExec(const ExecSession& session, uint16_t width, uint16_t height) override;
  Result<AttachHandle> Attach(const std::string& id) override;
  Result<> ResizeContainer(const std::string& id, uint16_t width, uint16_t height) override;
  Result<UniqueFd> DialPod(const std::string& pod_id, uint16_t port) override;

  Result<ContainerStats> StatsOf(const std::string& container_id) override;
  std::vector<ContainerStats> ListStats(const ContainerFilter& filter) override;
  Result<PodStats> PodStatsOf(const std::string& pod_id) override;
  std::vector<PodStats> ListPodStats(const PodFilter& filter) override;
  EventBus& events() override { return events_; }

  bool uses_systemd_cgroups() const override { return options_.systemd_cgroups; }
  Result<> RuntimeReady() override;
  Result<> NetworkReady() override { return rooms_.network->Status(); }
  std::vector<RuntimeHandler> handlers() const override { return options_.handlers; }

 private:
  struct NewPod;        // pod/run_pod.cc
  struct NewContainer;  // container/create_container.cc

  // pod/
  Result<std::string> MakePod(const PodConfig& config, const CancelToken& cancel);
  Result<> StartMonitor(NewPod& pod);
  Result<> AttachNetwork(NewPod& pod, const CancelToken& cancel);
  void WatchMonitor(const std::shared_ptr<Pod>& pod);
  Result<> StopPodLocked(const std::shared_ptr<Pod>& pod);
  Result<> KillContainersOf(const std::string& pod_id);
  Result<> DetachNetwork(const PodStatus& status);
  PodNetworkRequest NetworkRequest(const PodStatus& status) const;
  // What a pod leaves on the host besides its network: mounts, cgroup, directory.
  Result<> CleanPod(const PodPaths& paths, const std::string& cgroup_path);
  void OnMonitorGone(const std::string& pod_id);

  // container/
  Result<std::string> MakeContainer(const std::shared_ptr<Pod>& pod, const ContainerConfig& config,
                                    const CancelToken& cancel);
  Result<> CheckTarget(const NewContainer& made);
  Result<> PrepareRoot(NewContainer& made);
  Result<> PrepareVolumes(NewContainer& made);
  Result<> PrepareImageVolume(NewContainer& made, ContainerMount& mount, size_t number);
  Result<> BuildSpecOf(NewContainer& made);
  Result<> SpawnContainer(NewContainer& made);
  Result<UserDatabase> UsersOf(const RootfsMount& rootfs);
  Result<> RemoveContainerLocked(const std::shared_ptr<Container>& container);
  void DropFiles(const std::string& container_id, size_t mounts);
  Result<> Kill(const std::shared_ptr<Container>& container);
  Result<std::shared_ptr<MonitorClient>> MonitorOf(const Container& container);
  Result<std::shared_ptr<MonitorClient>> MonitorOfRunning(const Container& container);
  void MarkExited(const std::shared_ptr<Container>& container, const ContainerExit& exit,
                  const std::string& reason, const std::string& message);
  void FailStart(const std::shared_ptr<Container>& container, const Error& error);

  // Exits are told by the monitors' reader threads and worked off by one thread.
  struct ExitNotice {
    std::string pod_id;
    std::optional<ContainerExit> exit;  // nullopt: the monitor is gone
  };
  void PostExit(ExitNotice notice);
  void WorkExits();
  void TakeExit(const ContainerExit& exit);

  // exec/
  Result<spec::Process> ExecProcess(const Container& container, const ExecOptions& options);
  Result<std::shared_ptr<const spec::Process>> ProcessOf(Container& container);
  Result<ExecSession> StartExecOn(const std::string& container_id, const ExecOptions& options,
                                  const int (&stdio)[3]);

  // stats/
  ContainerStats ReadStats(const ContainerStatus& status, const Cgroup* cgroup);
  void SampleCpu();

  // recovery/
  Result<> LoadRecords();
  void Reconnect();
  void ReconnectPod(const std::shared_ptr<Pod>& pod);
  void AdoptContainers(const std::shared_ptr<Pod>& pod, std::vector<MonitoredContainer> found);
  void GiveUpPod(const std::shared_ptr<Pod>& pod, const std::string& why);
  void Sweep();
  void SweepPodDirs();
  void SweepSnapshots();
  void SweepCgroups();

  // An event about ID; made only when somebody listens.
  void Tell(Event::Type type, const std::string& id, const std::string& pod_id);

  const EngineOptions options_;
  const Rooms rooms_;
  Records records_;
  std::set<std::string> handler_names_;
  std::string host_name_;
  Registry registry_;
  NameTable pod_names_;
  NameTable container_names_;
  EventBus events_;
  CpuSampler sampler_;
  ThreadPool pool_{4};  // short steps that go on beside the caller's

  Mutex exits_mutex_;
  CondVar exits_wake_;
  CondVar closing_wake_;
  std::deque<ExitNotice> exits_ GUARDED_BY(exits_mutex_);
  bool closing_ GUARDED_BY(exits_mutex_) = false;
  std::thread exits_thread_;
  std::thread sampler_thread_;
};

// The keys of NameTable.
std::string PodKey(const PodMetadata& metadata);
std::string ContainerKey(const std::string& pod_id, const ContainerMetadata& metadata);

}  // namespace onggi
