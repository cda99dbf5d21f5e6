// FakeEngine and FakeImages: what the RPC services call, answering from memory and remembering what
// they were asked.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "engine/engine.h"
#include "image/image_service.h"

namespace onggi::testing {

class FakeEngine final : public Engine {
 public:
  Result<std::string> RunPod(const PodConfig& config, const CancelToken& cancel) override {
    last_pod = config;
    if (!wait_for_cancel) return std::string("pod1");
    while (!cancel.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ++cancelled;
    return Cancelled("pod " + config.metadata.name);
  }
  Result<> StopPod(const std::string&) override { return Ok(); }
  Result<> RemovePod(const std::string&) override { return Ok(); }
  Result<PodStatus> GetPod(const std::string& id) override {
    auto found = pods.find(id);
    if (found == pods.end()) return NotFound("pod sandbox " + id);
    return found->second;
  }
  std::vector<PodStatus> ListPods(const PodFilter&) override {
    std::vector<PodStatus> all;
    for (const auto& [id, pod] : pods) all.push_back(pod);
    return all;
  }
  std::vector<std::shared_ptr<const PodStatus>> ListPodsShared(const PodFilter&) override {
    std::vector<std::shared_ptr<const PodStatus>> all;
    for (const auto& [id, pod] : pods) all.push_back(std::make_shared<PodStatus>(pod));
    return all;
  }
  Result<> UpdatePodResources(const std::string&, const Resources&, const Resources&) override {
    return Ok();
  }
  Result<std::string> CreateContainer(const std::string&, const ContainerConfig& config,
                                      const CancelToken&) override {
    last_container = config;
    return std::string("container1");
  }
  Result<> StartContainer(const std::string& id) override {
    return FailedPrecondition("container " + id + ": it runs");
  }
  Result<> StopContainer(const std::string&, std::chrono::seconds timeout) override {
    last_timeout = timeout;
    return Ok();
  }
  Result<> RemoveContainer(const std::string&) override { return Ok(); }
  Result<> KillContainer(const std::string&, int) override { return Ok(); }
  Result<ContainerStatus> GetContainer(const std::string& id) override {
    return NotFound("container " + id);
  }
  std::vector<ContainerStatus> ListContainers(const ContainerFilter&) override {
    return containers;
  }
  std::vector<std::shared_ptr<const ContainerStatus>> ListContainersShared(
      const ContainerFilter&) override {
    std::vector<std::shared_ptr<const ContainerStatus>> all;
    for (const auto& one : containers) all.push_back(std::make_shared<ContainerStatus>(one));
    return all;
  }
  Result<> UpdateContainer(const std::string&, const Resources&) override { return Ok(); }
  Result<> PauseContainer(const std::string&, bool) override { return Ok(); }
  Result<> ReopenLog(const std::string&) override { return Ok(); }
  Result<int> WaitContainer(const std::string&, const CancelToken&) override { return 0; }
  Result<std::string> ContainerSpecJson(const std::string&) override { return std::string("{}"); }
  Result<ExecOutput> ExecSync(const ExecOptions& options,
                              std::optional<std::chrono::milliseconds> timeout,
                              const CancelToken&) override {
    last_exec_timeout = timeout;
    ExecOutput output;
    for (const std::string& word : options.command) output.out += word + "\n";
    output.exit_code = 3;
    return output;
  }
  Result<ExecSession> StartExec(const ExecOptions&, int, int, int) override {
    return Unimplemented("StartExec");
  }
  Result<int> WaitExec(const ExecSession&, const CancelToken&) override { return 0; }
  Result<> ResizeExec(const ExecSession&, uint16_t, uint16_t) override { return Ok(); }
  Result<AttachHandle> Attach(const std::string&) override { return Unimplemented("Attach"); }
  Result<> ResizeContainer(const std::string&, uint16_t, uint16_t) override { return Ok(); }
  Result<UniqueFd> DialPod(const std::string&, uint16_t) override {
    return Unimplemented("DialPod");
  }
  Result<ContainerStats> StatsOf(const std::string& id) override {
    return NotFound("container " + id);
  }
  std::vector<ContainerStats> ListStats(const ContainerFilter&) override { return {}; }
  Result<PodStats> PodStatsOf(const std::string& id) override {
    return NotFound("pod sandbox " + id);
  }
  std::vector<PodStats> ListPodStats(const PodFilter&) override { return {}; }
  EventBus& events() override { return bus; }
  bool uses_systemd_cgroups() const override { return systemd; }
  Result<> RuntimeReady() override { return Ok(); }
  Result<> NetworkReady() override { return FailedPrecondition("no conflist in /etc/cni/net.d"); }
  std::vector<RuntimeHandler> handlers() const override {
    return {{"", ""}, {"crun", "/usr/bin/crun"}};
  }

  std::map<std::string, PodStatus> pods;
  std::vector<ContainerStatus> containers;
  PodConfig last_pod;
  ContainerConfig last_container;
  std::chrono::seconds last_timeout{-1};
  std::optional<std::chrono::milliseconds> last_exec_timeout;
  std::atomic<bool> wait_for_cancel{false};
  std::atomic<int> cancelled{0};
  bool systemd = false;
  EventBus bus;
};

class FakeImages final : public ImageService {
 public:
  Result<std::string> Pull(const PullOptions& options) override {
    last_pull = options;
    if (options.reference == "gone") {
      return Error(Code::kUnknown, "RegistryUnavailable: connection refused");
    }
    return std::string("sha256:aa");
  }
  Result<std::vector<std::string>> Load(int) override { return std::vector<std::string>{}; }
  std::vector<Image> List() override { return images; }
  Result<Image> Find(const std::string& reference) override {
    if (reference == "ambiguous") return InvalidArgument("image id a fits several");
    for (const Image& image : images) {
      if (image.id == reference) return image;
    }
    return NotFound("image " + reference);
  }
  Result<std::string> ConfigJson(const std::string&) override {
    return std::string(R"({"architecture":"amd64"})");
  }
  Result<> Remove(const std::string& reference) override {
    removed.push_back(reference);
    return Ok();
  }
  Result<FilesystemUsage> FsUsage() override {
    return FilesystemUsage{7, "/var/lib/onggi", 1234, 5};
  }
  Result<> Lease(const std::string&, const std::string&) override { return Ok(); }
  Result<> Unlease(const std::string&) override { return Ok(); }

  std::vector<Image> images;
  PullOptions last_pull;
  std::vector<std::string> removed;
};

class FakeNetwork final : public Network {
 public:
  Result<PodNetwork> Attach(const PodNetworkRequest&) override { return PodNetwork{}; }
  Result<> Detach(const PodNetworkRequest&) override { return Ok(); }
  Result<> Check(const PodNetworkRequest&) override { return Ok(); }
  Result<> Status() override { return FailedPrecondition("no conflist"); }
  Result<> CollectGarbage(const std::vector<std::string>&) override { return Ok(); }
  Result<> Reload() override { return Ok(); }
  std::string Describe() override { return R"({"name":"onggi"})"; }
};

class FakeSnapshotter final : public Snapshotter {
 public:
  std::string_view name() const override { return "fake"; }
  Result<std::unique_ptr<LayerDraft>> BeginLayer() override { return Unimplemented("BeginLayer"); }
  Result<> Commit(std::unique_ptr<LayerDraft>, const std::string&, const std::string&) override {
    return Ok();
  }
  Result<RootfsMount> Prepare(const std::string&, const std::string&) override {
    return RootfsMount{};
  }
  Result<RootfsMount> View(const std::string&, const std::string&) override {
    return RootfsMount{};
  }
  Result<RootfsMount> Mounts(const std::string&) override { return RootfsMount{}; }
  Result<> CommitActive(const std::string&, const std::string&) override { return Ok(); }
  Result<std::string> ChangesOf(const std::string&) override { return std::string(); }
  Result<std::optional<SnapshotInfo>> Stat(const std::string&) override {
    return std::optional<SnapshotInfo>();
  }
  Result<std::vector<SnapshotInfo>> List() override { return std::vector<SnapshotInfo>(); }
  Result<LayerUsage> UsageOf(const std::string&) override { return LayerUsage{}; }
  Result<> Remove(const std::string&) override { return Ok(); }
  Result<size_t> Sweep() override { return size_t{0}; }
};

}  // namespace onggi::testing
