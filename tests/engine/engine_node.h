// EngineNode: an engine on directories, a cgroup and a database of its own, with images that are
// made in the test and a network that remembers what it was asked. Real parts: store, snapshotter,
// monitor, kernel.
//
//   EngineNode node;
//   std::string pod = node.RunPod("web");
//   std::string id = node.Run(pod, "c", {"sleep", "1000"});
//
// The destructor removes every pod. Thread-safety: as the engine.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/temp_dir.h"
#include "engine/engine.h"
#include "tests/support/matchers.h"

namespace onggi::testing {

// Images of one busybox layer (and further ones), unpacked straight into the snapshotter.
class FakeImages : public ImageService {
 public:
  explicit FakeImages(Snapshotter& snapshotter) : snapshotter_(snapshotter) {}

  struct File {
    std::string path;
    std::string content;
    mode_t mode = 0644;
  };
  // A layer of FILES on PARENT; its chain id.
  std::string AddLayer(const std::string& parent, const std::vector<File>& files);
  // BUSYBOX with passwd and group, and FILES in a second layer when there are any.
  Image Add(const std::string& name, ImageConfig config, const std::vector<File>& files = {});

  Result<std::string> Pull(const PullOptions&) override { return Unimplemented("pull"); }
  Result<std::vector<std::string>> Load(int) override { return Unimplemented("load"); }
  std::vector<Image> List() override;
  Result<Image> Find(const std::string& reference) override;
  Result<std::string> ConfigJson(const std::string&) override { return Unimplemented("config"); }
  Result<> Remove(const std::string&) override { return Unimplemented("remove"); }
  Result<FilesystemUsage> FsUsage() override { return FilesystemUsage{}; }
  Result<> Lease(const std::string& owner, const std::string& image_id) override;
  Result<> Unlease(const std::string& owner) override;
  std::set<std::string> leases() const;

 private:
  Snapshotter& snapshotter_;
  mutable Mutex mutex_;
  std::map<std::string, Image> images_ GUARDED_BY(mutex_);
  std::set<std::string> leases_ GUARDED_BY(mutex_);
  std::string busybox_ GUARDED_BY(mutex_);
};

class FakeNetwork : public Network {
 public:
  Result<PodNetwork> Attach(const PodNetworkRequest& request) override;
  Result<> Detach(const PodNetworkRequest& request) override;
  Result<> Check(const PodNetworkRequest&) override { return Ok(); }
  Result<> Status() override { return Ok(); }
  Result<> CollectGarbage(const std::vector<std::string>& valid) override;
  Result<> Reload() override { return Ok(); }
  std::string Describe() override { return "{}"; }
  std::set<std::string> attached() const;

 private:
  mutable Mutex mutex_;
  std::set<std::string> attached_ GUARDED_BY(mutex_);
};

class EngineNode {
 public:
  EngineNode();
  ~EngineNode();

  Engine& engine() { return *engine_; }
  FakeImages& images() { return *images_; }
  FakeNetwork& network() { return network_; }
  Snapshotter& snapshotter() { return *snapshotter_; }
  const std::string& directory() const { return dir_.path(); }
  std::string state() const { return dir_.path() + "/s"; }
  std::string cgroup_root() const { return options_.cgroup_root; }
  EngineOptions& options() { return options_; }

  PodConfig Pod(const std::string& name) const;
  ContainerConfig Container(const std::string& name, std::vector<std::string> command) const;
  // Failures are test failures and answer "".
  std::string RunPod(const PodConfig& config);
  std::string RunPod(const std::string& name) { return RunPod(Pod(name)); }
  std::string Create(const std::string& pod, const ContainerConfig& config);
  std::string Run(const std::string& pod, const ContainerConfig& config);
  std::string Run(const std::string& pod, const std::string& name,
                  std::vector<std::string> command) {
    return Run(pod, Container(name, std::move(command)));
  }
  ExecOutput Exec(const std::string& id, std::vector<std::string> command);
  ContainerStatus WaitExited(const std::string& id);
  std::string Log(const std::string& id);  // without the CRI prefixes

  // Ends the engine as a crash would (nothing is stopped) and opens another on the same store.
  void Restart();
  // Everything that a pod or container could leave below our own roots; "" when there is nothing.
  std::string Leftovers();

 private:
  void Open();

  TempDir dir_;
  EngineOptions options_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Snapshotter> snapshotter_;
  std::unique_ptr<FakeImages> images_;
  FakeNetwork network_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace onggi::testing
