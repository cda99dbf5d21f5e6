#include "tests/engine/engine_node.h"

#include <dirent.h>
#include <limits.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/id.h"
#include "base/strings.h"
#include "engine/fail_point.h"
#include "runtime/client/cgroup.h"
#include "snapshotter/factory.h"
#include "tests/support/layer_entries.h"

namespace onggi::testing {
namespace {

std::string RuntimeBinary() {
  if (const char* bin = getenv("ONGGI_BIN")) return std::string(bin) + "/onggi-runtime";
  char self[PATH_MAX] = {};
  if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) return "onggi-runtime";
  std::string dir(self, std::string(self).rfind('/'));
  return dir + "/onggi-runtime";
}

std::vector<std::string> Names(const std::string& path) {
  std::vector<std::string> names;
  DIR* dir = opendir(path.c_str());
  while (dirent* entry = dir != nullptr ? readdir(dir) : nullptr) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (dir != nullptr) closedir(dir);
  return names;
}

template <typename T>
T Must(Result<T> result, const std::string& what) {
  if (result) return std::move(result).value();
  ADD_FAILURE() << what << ": " << result.error().message();
  return T{};
}

}  // namespace

std::string FakeImages::AddLayer(const std::string& parent, const std::vector<File>& files) {
  auto draft = snapshotter_.BeginLayer();
  EXPECT_THAT(draft, IsOk());
  LayerSink& sink = (*draft)->sink();
  std::set<std::string> made;
  for (const File& file : files) {
    for (size_t at = file.path.find('/', 1); at != std::string::npos;
         at = file.path.find('/', at + 1)) {
      std::string dir = file.path.substr(0, at);
      if (made.insert(dir).second) {
        EXPECT_THAT(sink.Add(DirEntry(dir)), IsOk());
      }
    }
    if (file.content.rfind("link:", 0) == 0) {
      EXPECT_THAT(sink.Add(SymlinkEntry(file.path, file.content.substr(5))), IsOk());
      continue;
    }
    if (file.path.back() == '/') continue;
    LayerEntry entry = FileEntry(file.path, file.mode);
    entry.size = file.content.size();
    EXPECT_THAT(sink.Add(entry), IsOk());
    EXPECT_THAT(sink.Write(file.content), IsOk());
  }
  EXPECT_THAT(sink.Finish(), IsOk());
  std::string chain = "sha256:" + RandomHex(32);
  EXPECT_THAT(snapshotter_.Commit(std::move(*draft), chain, parent), IsOk());
  return chain;
}

Image FakeImages::Add(const std::string& name, ImageConfig config, const std::vector<File>& files) {
  MutexLock lock(mutex_);
  if (busybox_.empty()) {
    std::vector<File> base = {
        {"bin/busybox", ReadFile("/bin/busybox").value_or(""), 0755},
        {"etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:w:/home/web:/bin/sh\n"},
        {"etc/group", "root:x:0:\nwheel:x:10:root,web\nweb:x:1001:\nmore:x:2000:web\n"},
        {"tmp/", ""}};
    for (const char* tool :
         {"sh",   "sleep", "cat",  "echo", "id",   "true",     "false", "ls",   "hostname",
          "env",  "mount", "kill", "dd",   "head", "touch",    "stat",  "test", "pwd",
          "grep", "wc",    "nc",   "ps",   "df",   "readlink", "mkdir", "yes",  "awk"}) {
      base.push_back({std::string("bin/") + tool, "link:busybox"});
    }
    busybox_ = AddLayer("", base);
  }
  Image image;
  image.id = "sha256:" + RandomHex(32);
  image.repo_tags = {name};
  image.size_bytes = 1;
  image.top_layer = files.empty() ? busybox_ : AddLayer(busybox_, files);
  image.config = std::move(config);
  images_[name] = image;
  return image;
}

std::vector<Image> FakeImages::List() {
  std::vector<Image> out;
  MutexLock lock(mutex_);
  for (const auto& [name, image] : images_) out.push_back(image);
  return out;
}

Result<Image> FakeImages::Find(const std::string& reference) {
  MutexLock lock(mutex_);
  for (const auto& [name, image] : images_) {
    if (name == reference || image.id == reference) return image;
  }
  return NotFound("image " + reference);
}

Result<> FakeImages::Lease(const std::string& owner, const std::string&) {
  MutexLock lock(mutex_);
  leases_.insert(owner);
  return Ok();
}

Result<> FakeImages::Unlease(const std::string& owner) {
  MutexLock lock(mutex_);
  leases_.erase(owner);
  return Ok();
}

std::set<std::string> FakeImages::leases() const {
  MutexLock lock(mutex_);
  return leases_;
}

Result<PodNetwork> FakeNetwork::Attach(const PodNetworkRequest& request) {
  if (!PathExists(request.netns_path)) return Internal("no namespace at " + request.netns_path);
  MutexLock lock(mutex_);
  attached_.insert(request.pod_id);
  return PodNetwork{{"10.9.0.2"}, "eth0", "{}", {}};
}

Result<> FakeNetwork::Detach(const PodNetworkRequest& request) {
  MutexLock lock(mutex_);
  attached_.erase(request.pod_id);
  return Ok();
}

Result<> FakeNetwork::CollectGarbage(const std::vector<std::string>& valid) {
  MutexLock lock(mutex_);
  std::set<std::string> keep(valid.begin(), valid.end());
  std::erase_if(attached_, [&](const std::string& id) { return keep.count(id) == 0; });
  return Ok();
}

std::set<std::string> FakeNetwork::attached() const {
  MutexLock lock(mutex_);
  return attached_;
}

EngineNode::EngineNode() : dir_(std::move(TempDir::Make("/tmp")).value()) {
  options_.root = dir_.path() + "/root";
  options_.state = state();
  options_.runtime_binary = RuntimeBinary();
  options_.cgroup_root = "/onggi-test-" + RandomHex(4);
  EXPECT_THAT(MakeDirs(options_.root), IsOk());
  database_ = Must(Database::Open(options_.root + "/onggi.db"), "database");
  snapshotter_ = Must(OpenSnapshotter("auto", options_.root, *database_), "snapshotter");
  images_ = std::make_unique<FakeImages>(*snapshotter_);
  images_->Add("busybox", {});
  Open();
}

EngineNode::~EngineNode() {
  ArmFailPoints({});
  for (const PodStatus& pod : engine_->ListPods({})) {
    EXPECT_THAT(engine_->RemovePod(pod.id), IsOk());
  }
  engine_.reset();
  if (auto cgroup = Cgroup::Open(options_.cgroup_root)) {
    EXPECT_THAT(cgroup->Remove(), IsOk());
  }
}

void EngineNode::Open() {
  auto engine = Engine::Open(options_, *database_, *snapshotter_, *images_, network_);
  ASSERT_THAT(engine, IsOk());
  engine_ = std::move(*engine);
}

void EngineNode::Restart() {
  engine_.reset();
  Open();
}

PodConfig EngineNode::Pod(const std::string& name) const {
  PodConfig config;
  config.metadata = {name, "uid-" + name, "default", 0};
  config.hostname = name;
  config.log_directory = dir_.path() + "/logs";
  config.dns = DnsConfig{{"10.0.0.10"}, {"svc.local"}, {"ndots:5"}};
  return config;
}

ContainerConfig EngineNode::Container(const std::string& name,
                                      std::vector<std::string> command) const {
  ContainerConfig config;
  config.metadata.name = name;
  config.image.image = "busybox";
  config.command = std::move(command);
  config.log_path = name + ".log";
  config.security.seccomp = SecurityProfile{};
  return config;
}

std::string EngineNode::RunPod(const PodConfig& config) {
  EXPECT_THAT(MakeDirs(dir_.path() + "/logs"), IsOk());
  return Must(engine_->RunPod(config, {}), "run pod");
}

std::string EngineNode::Create(const std::string& pod, const ContainerConfig& config) {
  return Must(engine_->CreateContainer(pod, config, {}), "create");
}

std::string EngineNode::Run(const std::string& pod, const ContainerConfig& config) {
  std::string id = Create(pod, config);
  if (!id.empty()) {
    EXPECT_THAT(engine_->StartContainer(id), IsOk());
  }
  return id;
}

ExecOutput EngineNode::Exec(const std::string& id, std::vector<std::string> command) {
  ExecOptions options;
  options.container_id = id;
  options.command = std::move(command);
  return Must(engine_->ExecSync(options, std::chrono::seconds(20), {}), "exec");
}

ContainerStatus EngineNode::WaitExited(const std::string& id) {
  CancelSource give_up;
  auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < until) {
    auto status = engine_->GetContainer(id);
    if (!status || status->state == ContainerState::kExited) break;
    usleep(2000);
  }
  return Must(engine_->GetContainer(id), "status");
}

std::string EngineNode::Log(const std::string& id) {
  auto status = engine_->GetContainer(id);
  if (!status) return "";
  std::string out;
  std::string text = ReadFile(status->log_path).value_or("");
  for (std::string_view line : Split(text, '\n')) {
    size_t at = line.find(' ');
    for (int i = 0; i < 2 && at != std::string_view::npos; ++i) at = line.find(' ', at + 1);
    if (at != std::string_view::npos) out += std::string(line.substr(at + 1)) + "\n";
  }
  return out;
}

std::string EngineNode::Leftovers() {
  std::string found;
  for (const std::string& name : Names(state() + "/p")) found += "state " + name + "\n";
  for (const std::string& name : Names(options_.root + "/containers")) {
    found += "container directory " + name + "\n";
  }
  std::string mounts = ReadFile("/proc/self/mountinfo").value_or("");
  for (std::string_view line : Split(mounts, '\n')) {
    if (line.find(dir_.path() + "/") != std::string_view::npos) {
      found += "mount " + std::string(line) + "\n";
    }
  }
  auto hierarchies = DetectCgroups();
  for (const CgroupHierarchy& hierarchy : hierarchies->hierarchies) {
    std::string dir = hierarchy.mount + options_.cgroup_root;
    for (const std::string& name : Names(dir)) {
      if (name.size() == 64) found += "cgroup " + dir + "/" + name + "\n";
    }
  }
  auto snapshots = snapshotter_->List();
  for (const SnapshotInfo& info : *snapshots) {
    if (info.kind != SnapshotInfo::Kind::kCommitted) found += "snapshot " + info.name + "\n";
  }
  for (const std::string& lease : images_->leases()) found += "lease " + lease + "\n";
  for (const std::string& pod : network_.attached()) found += "network " + pod + "\n";
  for (const std::string& name : Names("/proc")) {
    std::string line = ReadFile("/proc/" + name + "/cmdline").value_or("");
    if (line.find(dir_.path()) != std::string::npos) found += "process " + name + " " + line + "\n";
  }
  return found;
}

}  // namespace onggi::testing
