// Sweep: takes what has no owner: directories, mounts, cgroups, snapshots, leases, addresses. Runs
// once, when the records are loaded and before anything is made. Best effort: what fails is told
// and tried again at the next start.
#include <dirent.h>

#include <memory>
#include <set>

#include "base/file_io.h"
#include "base/id.h"
#include "base/log.h"
#include "engine/engine_impl.h"
#include "engine/pod/intent.h"

namespace onggi {
namespace {

std::vector<std::string> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(path.c_str()), closedir);
  while (dirent* entry = dir ? readdir(dir.get()) : nullptr) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  return names;
}

void Warn(const std::string& what, const Result<>& result) {
  if (!result)
    LOG(kWarn, "sweep failed, continuing", {"what", what}, {"error", result.error().message()});
}

bool IsId(std::string_view text) {
  return text.size() == 64 && IsIdPrefix(text);
}

}  // namespace

void EngineImpl::Sweep() {
  SweepPodDirs();
  SweepCgroups();
  SweepSnapshots();
  std::vector<std::string> valid;
  for (const auto& pod : registry_.Pods()) {
    if (pod->Status()->state == PodState::kReady) valid.push_back(pod->id());
  }
  Warn("network", rooms_.network->CollectGarbage(valid));
}

void EngineImpl::SweepPodDirs() {
  std::set<std::string> known;
  for (const auto& pod : registry_.Pods()) known.insert(pod->paths().dir);
  for (const std::string& name : NamesIn(PodsDir(options_.state))) {
    std::string dir = PodsDir(options_.state) + "/" + name;
    if (known.count(dir) != 0) continue;
    PodPaths paths = PathsOf(options_.state, name);
    auto intent = ReadIntent(paths.intent);
    // A monitor that was being started may still be on its way to its socket.
    if (auto monitor = MonitorClient::Connect(paths.monitor, std::chrono::milliseconds(500))) {
      Warn(dir, (*monitor)->Shutdown());
    }
    Warn(dir, CleanPod(paths, intent ? intent->cgroup_path : options_.cgroup_root + "/" + name));
  }
}

void EngineImpl::SweepCgroups() {
  std::set<std::string> known;
  for (const auto& pod : registry_.Pods()) known.insert(pod->id());
  auto mounts = DetectCgroups();
  if (!mounts) return;
  std::set<std::string> orphans;
  for (const CgroupHierarchy& hierarchy : mounts->hierarchies) {
    for (const std::string& name : NamesIn(hierarchy.mount + options_.cgroup_root)) {
      if (IsId(name) && known.count(name) == 0) orphans.insert(name);
    }
  }
  for (const std::string& name : orphans) {
    auto cgroup = Cgroup::Open(options_.cgroup_root + "/" + name);
    if (!cgroup) continue;
    Warn(cgroup->path(), cgroup->KillAll());
    Warn(cgroup->path(), cgroup->Remove());
  }
}

// Keys of ours begin with a container's id; those of builds look different and are theirs.
void EngineImpl::SweepSnapshots() {
  auto snapshots = rooms_.snapshotter->List();
  if (!snapshots) return;
  std::set<std::string> orphans;
  for (const SnapshotInfo& info : *snapshots) {
    if (info.kind == SnapshotInfo::Kind::kCommitted) continue;
    std::string owner = info.name.substr(0, 64);
    if (!IsId(owner) || registry_.FindContainer(owner)) continue;
    Warn(info.name, rooms_.snapshotter->Remove(info.name));
    orphans.insert(owner);
  }
  for (const std::string& name : NamesIn(options_.root + "/containers")) {
    if (!registry_.FindContainer(name)) orphans.insert(name);
  }
  for (const std::string& owner : orphans) DropFiles(owner, 0);
}

}  // namespace onggi
