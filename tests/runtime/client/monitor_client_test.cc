#include "runtime/client/monitor_client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "tests/runtime/client/pod_fixture.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::Eventually;
using testing::FailsWith;
using testing::IsAlive;
using testing::IsOk;
using State = MonitoredContainer::State;

class MonitorClientTest : public testing::PodFixture {};

uint64_t PrivateKilobytes(pid_t pid) {
  auto text = ReadFile("/proc/" + std::to_string(pid) + "/smaps_rollup");
  EXPECT_THAT(text, IsOk());
  uint64_t total = 0;
  for (std::string_view line : Split(*text, '\n')) {
    if (!line.starts_with("Private_")) continue;
    line.remove_prefix(line.find(':') + 1);
    line = Trim(line.substr(0, line.rfind(' ')));
    total += ParseUint(line).value_or(1 << 30);
  }
  return total;
}

bool MayLowerScore() {
  pid_t child = fork();
  if (child == 0) {
    _exit(WriteExisting(AT_FDCWD, "/proc/self/oom_score_adj", "-998") ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status == 0;
}

TEST_F(MonitorClientTest, ContainerRunsToItsExitCode) {
  Spawn();
  auto pid = monitor_->Create(Shell("c1", "echo out; echo err >&2; exit 7"));
  ASSERT_THAT(pid, IsOk());
  EXPECT_TRUE(IsAlive(*pid));
  EXPECT_EQ(monitor_->List()->at(0).state, State::kCreated);
  ASSERT_THAT(monitor_->Start("c1"), IsOk());
  ContainerExit exit = AwaitExit("c1");
  EXPECT_EQ(exit.exit_code, 7);
  EXPECT_EQ(exit.signal, 0);
  EXPECT_FALSE(exit.oom_killed);
  EXPECT_GT(exit.finished_at_ns, 0);
  EXPECT_EQ(Logged("c1"), "out\n");
  EXPECT_EQ(Logged("c1", "stderr"), "err\n");
  auto list = monitor_->List();
  ASSERT_THAT(list, IsOk());
  EXPECT_EQ(list->at(0).state, State::kExited);
  EXPECT_GT(list->at(0).started_at_ns, 0);
  ASSERT_THAT(monitor_->Delete("c1"), IsOk());
  EXPECT_TRUE(monitor_->List()->empty());
  EXPECT_FALSE(tree_.Exists("run/c1.json"));
}

TEST_F(MonitorClientTest, StateIsOnDiskBeforeItIsTold) {
  Spawn();
  ASSERT_THAT(monitor_->Create(Shell("c1", "exit 3")), IsOk());
  EXPECT_NE(tree_.Read("run/c1.json").find("\"created\""), std::string::npos);
  ASSERT_THAT(monitor_->Start("c1"), IsOk());
  AwaitExit("c1");
  EXPECT_NE(tree_.Read("run/c1.json").find("\"exit_code\":3"), std::string::npos);
}

TEST_F(MonitorClientTest, KilledContainerTellsTheSignal) {
  Spawn();
  Run(Shell("c1", "sleep 100"));
  ASSERT_THAT(monitor_->Signal("c1", SIGKILL), IsOk());
  ContainerExit exit = AwaitExit("c1");
  EXPECT_EQ(exit.signal, SIGKILL);
  EXPECT_EQ(exit.exit_code, 137);
  EXPECT_THAT(monitor_->Signal("c1", SIGTERM), IsOk());
  EXPECT_THAT(monitor_->Signal("none", SIGTERM), FailsWith(Code::kNotFound));
}

TEST_F(MonitorClientTest, SignalsReachTheProgramUnblocked) {
  Spawn();
  Run(Shell("c1", "trap 'echo got; exit 5' TERM; echo up; while true; do sleep 0.05; done"));
  ASSERT_TRUE(AwaitLogged("c1", "up"));
  ASSERT_THAT(monitor_->Signal("c1", SIGTERM), IsOk());
  EXPECT_EQ(AwaitExit("c1").exit_code, 5);
  EXPECT_EQ(Logged("c1"), "up\ngot\n");
}

TEST_F(MonitorClientTest, FailuresComeWhereTheyBelong) {
  Spawn();
  ContainerCreate no_program = Shell("c1", "");
  no_program.spec.process->args = {"/bin/nothing-here"};
  auto created = monitor_->Create(no_program);
  if (created) {
    EXPECT_THAT(monitor_->Start("c1"), FailsWith(Code::kNotFound));
    EXPECT_NE(AwaitExit("c1").exit_code, 0);
  } else {
    EXPECT_THAT(created, FailsWith(Code::kNotFound));
  }
  ContainerCreate no_root = Shell("c2", "true");
  no_root.spec.root_path = tree_ / "absent";
  EXPECT_THAT(monitor_->Create(no_root), FailsWith(Code::kInternal, "absent"));
  ContainerCreate bad_log = Shell("c3", "true");
  bad_log.log_path = tree_ / "absent/0.log";
  EXPECT_FALSE(monitor_->Create(bad_log));
  EXPECT_THAT(monitor_->Start("c2"), FailsWith(Code::kNotFound));
  // A failed creation leaves nothing: the id can be used.
  Run(Shell("c2", "exit 0"));
  EXPECT_EQ(AwaitExit("c2").exit_code, 0);
  EXPECT_THAT(monitor_->Create(Shell("c2", "true")), FailsWith(Code::kAlreadyExists));
  EXPECT_THAT(monitor_->Start("c2"), FailsWith(Code::kFailedPrecondition));
}

TEST_F(MonitorClientTest, DeleteKillsWhatRuns) {
  Spawn();
  Run(Shell("c1", "sleep 100"));
  auto waiting = monitor_->Create(Shell("c2", "sleep 100"));
  ASSERT_THAT(waiting, IsOk());
  pid_t pid = monitor_->List()->at(0).pid;
  ASSERT_THAT(monitor_->Delete("c1"), IsOk());
  EXPECT_FALSE(IsAlive(pid));
  ASSERT_THAT(monitor_->Delete("c2"), IsOk());
  EXPECT_FALSE(IsAlive(*waiting));
  EXPECT_TRUE(monitor_->List()->empty());
}

TEST_F(MonitorClientTest, ScoreOfTheMonitorIsItsOwn) {
  Spawn();
  Run(Shell("c1", "sleep 100"));
  auto own = ReadFile("/proc/" + std::to_string(monitor_->pid()) + "/oom_score_adj");
  ASSERT_THAT(own, IsOk());
  // Without CAP_SYS_RESOURCE the kernel lets nobody have less than he was born with.
  EXPECT_EQ(Trim(*own), MayLowerScore() ? "-998" : "0");
  EXPECT_EQ(Output("c1", "cat /proc/1/oom_score_adj /proc/self/oom_score_adj"), "0\n0\n");
}

TEST_F(MonitorClientTest, ContainerSeesNoDescriptorOfTheMonitor) {
  Spawn();
  ContainerCreate create = Shell("c1", "sleep 100");
  create.stdin_open = true;
  Run(create);
  EXPECT_EQ(Output("c1", "ls /proc/1/fd | tr '\\n' ' '"), "0 1 2 ");
  // 3 is the directory that ls reads.
  EXPECT_EQ(Output("c1", "ls /proc/self/fd | tr '\\n' ' '"), "0 1 2 3 ");
}

TEST_F(MonitorClientTest, MonitorIsSmallAndApart) {
  Spawn();
  testing::TempTree other;
  MonitorOptions options = Options();
  options.directory = other.path();
  auto second = MonitorClient::Spawn(options);  // shares the program's pages
  ASSERT_THAT(second, IsOk());
  for (int i = 0; i < 5; ++i) {
    Run(Shell("c" + std::to_string(i), "seq 1 20000; sleep 100"));
    ASSERT_TRUE(AwaitLogged("c" + std::to_string(i), "20000"));
    Output("c" + std::to_string(i), "true");
  }
  uint64_t kilobytes = PrivateKilobytes(monitor_->pid());
  std::printf("monitor with five containers: %lu KB private\n", kilobytes);
  EXPECT_LE(kilobytes, 1024U);
  EXPECT_EQ(getsid(monitor_->pid()), monitor_->pid());
  std::string proc = "/proc/" + std::to_string(monitor_->pid());
  EXPECT_EQ(Trim(*ReadFile(proc + "/comm")), "onggi-monitor");
  struct stat st {};
  // What belongs to a process that is not dumpable belongs to root; its map is unreadable to
  // others.
  ASSERT_EQ(stat((proc + "/maps").c_str(), &st), 0);
  EXPECT_EQ(st.st_uid, 0U);
  EXPECT_THAT((*second)->Shutdown(), IsOk());
}

TEST_F(MonitorClientTest, DeadMonitorIsToldOnceAndRefusesWork) {
  Spawn();
  Run(ShellInCgroup("c1", "sleep 100"));
  pid_t container = monitor_->List()->at(0).pid;
  kill(monitor_->pid(), SIGKILL);
  ASSERT_TRUE(Eventually([&] {
    MutexLock lock(mutex_);
    return gone_ == 1;
  }));
  EXPECT_THAT(monitor_->List(), FailsWith(Code::kUnavailable));
  EXPECT_THAT(monitor_->ExecSync(Command("c1", "true"), CancelToken()),
              FailsWith(Code::kUnavailable));
  EXPECT_THAT(MonitorClient::Connect(directory_, std::chrono::seconds(1)),
              FailsWith(Code::kUnavailable));
  EXPECT_THAT(cgroups_[0].KillAll(), IsOk());
  EXPECT_TRUE(Eventually([&] { return !IsAlive(container); }));
}

TEST_F(MonitorClientTest, ShutdownKillsAllAndIsNoDeath) {
  Spawn();
  Run(Shell("c1", "sleep 100"));
  ASSERT_THAT(monitor_->Create(Shell("c2", "sleep 100")), IsOk());
  auto containers = monitor_->List();
  ASSERT_THAT(containers, IsOk());
  pid_t monitor = monitor_->pid();
  ASSERT_THAT(monitor_->Shutdown(), IsOk());
  EXPECT_TRUE(Eventually([&] { return !IsAlive(monitor); }));
  for (const auto& container : *containers) EXPECT_FALSE(IsAlive(container.pid));
  // Reaped, too.
  EXPECT_TRUE(Eventually([&] { return kill(monitor, 0) != 0; }));
  EXPECT_FALSE(tree_.Exists("run/monitor.sock"));
  MutexLock lock(mutex_);
  EXPECT_EQ(gone_, 0);
}

TEST_F(MonitorClientTest, SetupErrorIsToldAndLeavesNoProcess) {
  MonitorOptions options = Options();
  options.sysctls = {{"kernel.core_pattern", "|/evil"}};
  EXPECT_THAT(MonitorClient::Spawn(options), FailsWith(Code::kInvalidArgument, "core_pattern"));
  options = Options();
  options.directory = tree_ / "absent";
  EXPECT_THAT(MonitorClient::Spawn(options), FailsWith(Code::kInternal, "absent"));
  options = Options();
  options.binary = "/bin/true";
  EXPECT_THAT(MonitorClient::Spawn(options), FailsWith(Code::kUnavailable));
}

TEST_F(MonitorClientTest, OutOfMemoryIsTold) {
  Spawn();
  ContainerCreate create =
      ShellInCgroup("c1", "dd if=/dev/zero of=/dev/big bs=1M count=64; exit 1");
  create.spec.process->args[2] = "x=$(cat /dev/null); a=0123456789; while true; do a=$a$a; done";
  spec::Resources resources;
  resources.memory_limit = 16 << 20;
  ASSERT_THAT(cgroups_[0].Apply(resources), IsOk());
  Run(create);
  ContainerExit exit = AwaitExit("c1");
  EXPECT_TRUE(exit.oom_killed);
  EXPECT_EQ(exit.exit_code, 137);
  EXPECT_TRUE(IsAlive(monitor_->pid()));
}

}  // namespace
}  // namespace onggi
