#include "tests/runtime/client/pod_fixture.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "base/file_io.h"
#include "tests/runtime/monitor/cri_records.h"
#include "tests/support/matchers.h"

namespace onggi::testing {

std::string ProgramPath() {
  char self[PATH_MAX] = {};
  if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) abort();
  std::string path(self);
  return path.substr(0, path.rfind('/')) + "/onggi-runtime";
}

bool IsAlive(pid_t pid) {
  auto stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  if (!stat) return false;
  size_t name_end = stat->rfind(')');
  return name_end != std::string::npos && (*stat)[name_end + 2] != 'Z';
}

PodFixture::PodFixture() {
  for (const char* dir : {"root/bin", "root/proc", "root/dev", "root/tmp", "root/sys", "logs"}) {
    tree_.Dir(dir);
  }
  std::string busybox = tree_ / "root/bin/busybox";
  auto bytes = ReadFile("/bin/busybox");
  if (!bytes || !WriteFileAtomic(busybox, *bytes, 0755)) abort();
  for (const char* name :
       {"sh", "true",     "false", "sleep",    "echo",  "cat",  "setsid", "stty",
        "id", "hostname", "seq",   "ls",       "kill",  "tr",   "test",   "mkdir",
        "ps", "dd",       "head",  "readlink", "touch", "grep", "nohup"}) {
    tree_.Symlink(std::string("root/bin/") + name, "busybox");
  }
}

PodFixture::~PodFixture() = default;

MonitorOptions PodFixture::Options() const {
  MonitorOptions options;
  options.binary = ProgramPath();
  options.directory = directory_;
  options.hostname = "pod";
  return options;
}

void PodFixture::Listen() {
  monitor_->OnExit([this](const ContainerExit& exit) {
    MutexLock lock(mutex_);
    exits_.push_back(exit);
    changed_.NotifyAll();
  });
  monitor_->OnGone([this] {
    MutexLock lock(mutex_);
    ++gone_;
    changed_.NotifyAll();
  });
}

void PodFixture::Spawn(const MonitorOptions& options) {
  auto spawned = MonitorClient::Spawn(options);
  ASSERT_THAT(spawned, IsOk());
  monitor_ = std::move(*spawned);
  Listen();
}

void PodFixture::Reconnect() {
  monitor_.reset();
  auto connected = MonitorClient::Connect(directory_, std::chrono::seconds(10));
  ASSERT_THAT(connected, IsOk());
  monitor_ = std::move(*connected);
  Listen();
}

void PodFixture::TearDown() {
  if (!monitor_) return;
  pid_t pid = monitor_->pid();
  std::vector<pid_t> pids{pid};
  auto containers = monitor_->List();
  if (containers) {
    for (const auto& container : *containers) pids.push_back(container.pid);
  }
  EXPECT_THAT(monitor_->Shutdown(), IsOk());
  for (pid_t left : pids) {
    EXPECT_TRUE(Eventually([left] { return !IsAlive(left); })) << "process " << left << " is left";
  }
  monitor_.reset();
  for (const Cgroup& group : cgroups_) EXPECT_THAT(group.Remove(), IsOk());
}

ContainerCreate PodFixture::Shell(const std::string& id, const std::string& script) const {
  ContainerCreate create;
  create.id = id;
  create.log_path = LogPath(id);
  create.spec.root_path = tree_ / "root";
  create.spec.process.emplace();
  create.spec.process->args = {"/bin/sh", "-c", script};
  create.spec.process->env = {"PATH=/bin"};
  create.spec.mounts = {{.destination = "/proc", .type = "proc", .source = "proc"},
                        {.destination = "/dev", .type = "tmpfs", .source = "tmpfs"},
                        {.destination = "/dev/pts",
                         .type = "devpts",
                         .source = "devpts",
                         .options = {"newinstance", "ptmxmode=0666", "mode=0620"}}};
  create.spec.linux_.namespaces = {{"mount", ""}, {"pid", ""}};
  return create;
}

ContainerCreate PodFixture::ShellInCgroup(const std::string& id, const std::string& script) {
  ContainerCreate create = Shell(id, script);
  auto group = Cgroup::Create("/onggi-test-" + std::to_string(getpid()) + "-" + id);
  EXPECT_THAT(group, IsOk());
  create.cgroup_dirs = group->dirs();
  cgroups_.push_back(std::move(*group));
  return create;
}

void PodFixture::Run(const ContainerCreate& create) {
  ASSERT_THAT(monitor_->Create(create), IsOk());
  ASSERT_THAT(monitor_->Start(create.id), IsOk());
}

ExecSyncRequest PodFixture::Command(const std::string& id, const std::string& script) const {
  ExecSyncRequest request;
  request.container_id = id;
  request.process.args = {"/bin/sh", "-c", script};
  request.process.env = {"PATH=/bin"};
  return request;
}

std::string PodFixture::Output(const std::string& id, const std::string& script) {
  auto result = monitor_->ExecSync(Command(id, script), CancelToken());
  EXPECT_THAT(result, IsOk());
  if (!result) return "";
  EXPECT_EQ(result->exit_code, 0) << result->err;
  return result->out;
}

ContainerExit PodFixture::AwaitExit(const std::string& id) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  MutexLock lock(mutex_);
  while (true) {
    for (const ContainerExit& exit : exits_) {
      if (exit.id == id) return exit;
    }
    if (changed_.WaitUntil(mutex_, deadline)) continue;
    ADD_FAILURE() << id << " did not end";
    return {};
  }
}

std::string PodFixture::Logged(const std::string& id, const std::string& stream) const {
  auto records = ParseCriLog(tree_.Read("logs/" + id + ".log"));
  EXPECT_THAT(records, IsOk());
  return records ? JoinStream(*records, stream) : "";
}

bool PodFixture::AwaitLogged(const std::string& id, const std::string& text) const {
  return Eventually(
      [&] { return tree_.Read("logs/" + id + ".log").find(text) != std::string::npos; });
}

}  // namespace onggi::testing
