// A monitor without its daemon: what a new one finds.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "base/file_io.h"
#include "base/unix_socket.h"
#include "runtime/client/monitor_protocol.h"
#include "tests/runtime/client/pod_fixture.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::Eventually;
using testing::FailsWith;
using testing::IsAlive;
using testing::IsOk;

class MonitorRecoveryTest : public testing::PodFixture {
 protected:
  // A process of its own that spawns the monitor, runs the containers and is killed.
  void RunDaemonAndKillIt(const std::vector<ContainerCreate>& containers) {
    pid_t daemon = fork();
    if (daemon == 0) {
      Spawn();
      for (const auto& create : containers) Run(create);
      tree_.File("up");
      while (true) pause();
    }
    ASSERT_TRUE(Eventually([&] { return tree_.Exists("up"); }));
    kill(daemon, SIGKILL);
    ASSERT_EQ(waitpid(daemon, nullptr, 0), daemon);
  }
  void ConnectAnew() {
    auto connected = MonitorClient::Connect(directory_, std::chrono::seconds(5));
    ASSERT_THAT(connected, IsOk());
    monitor_ = std::move(*connected);
    Reconnect();
  }
};

TEST_F(MonitorRecoveryTest, KilledDaemonLosesNoContainerLineOrExit) {
  RunDaemonAndKillIt(
      {Shell("ends", "while ! test -e /tmp/go; do sleep 0.01; done; seq 1 1000; exit 42"),
       Shell("stays", "echo here; sleep 100")});
  tree_.File("root/tmp/go");
  ASSERT_TRUE(AwaitLogged("ends", "F 1000\n"));
  // Nobody is there to be told; the file has it.
  ASSERT_TRUE(Eventually(
      [&] { return tree_.Read("run/ends.json").find("\"exit_code\":42") != std::string::npos; }));
  ConnectAnew();
  EXPECT_EQ(AwaitExit("ends").exit_code, 42);
  auto list = monitor_->List();
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ(list->at(1).state, MonitoredContainer::State::kRunning);
  EXPECT_TRUE(IsAlive(list->at(1).pid));
  EXPECT_EQ(Output("stays", "echo works"), "works\n");
  usleep(50'000);
  MutexLock lock(mutex_);
  EXPECT_EQ(exits_.size(), 1U);  // told once
}

TEST_F(MonitorRecoveryTest, TwoDaemonsAreServedAndBothTold) {
  Spawn();
  Run(Shell("c1", "sleep 100"));
  auto second = MonitorClient::Connect(directory_, std::chrono::seconds(5));
  ASSERT_THAT(second, IsOk());
  std::atomic<int> told = 0;
  (*second)->OnExit([&](const ContainerExit& exit) { told = exit.exit_code; });
  EXPECT_EQ((*second)->pid(), monitor_->pid());
  EXPECT_EQ((*second)->NamespacePath("network"), monitor_->NamespacePath("network"));
  ASSERT_THAT((*second)->Signal("c1", SIGKILL), IsOk());
  EXPECT_EQ(AwaitExit("c1").exit_code, 137);
  EXPECT_TRUE(Eventually([&] { return told == 137; }));
}

TEST_F(MonitorRecoveryTest, EndsByItselfWithoutDirectoryAndContainers) {
  Spawn();
  pid_t pid = monitor_->pid();
  ASSERT_THAT(RemoveTree(directory_), IsOk());
  monitor_.reset();
  EXPECT_TRUE(Eventually([&] { return !IsAlive(pid); }));
}

TEST_F(MonitorRecoveryTest, StaysForAContainerEvenWithoutDirectory) {
  Spawn();
  Run(ShellInCgroup("c1", "sleep 100"));
  pid_t pid = monitor_->pid();
  pid_t container = monitor_->List()->at(0).pid;
  ASSERT_THAT(RemoveTree(directory_), IsOk());
  monitor_.reset();
  usleep(300'000);
  EXPECT_TRUE(IsAlive(pid));
  EXPECT_TRUE(IsAlive(container));
  kill(pid, SIGKILL);
  EXPECT_THAT(cgroups_[0].KillAll(), IsOk());
  EXPECT_THAT(cgroups_[0].Remove(), IsOk());
}

TEST_F(MonitorRecoveryTest, NewerDaemonIsRefusedWithBothVersions) {
  Spawn();
  auto socket = ConnectUnix(directory_ + "/monitor.sock");
  ASSERT_THAT(socket, IsOk());
  auto ask = [&](const std::string& text) {
    EXPECT_THAT(SendFrame(socket->get(), text), IsOk());
    auto frame = ReceiveFrame(socket->get());
    EXPECT_THAT(frame, IsOk());
    return DecodeMonitorMessage(frame->bytes);
  };
  auto refused = ask(R"({"id":1,"op":"hello","protocol":9})");
  ASSERT_THAT(refused, IsOk());
  EXPECT_THAT(AnswerStatus(*refused), FailsWith(Code::kInvalidArgument, "protocol 9"));
  auto unknown = ask(R"({"id":2,"op":"dance"})");
  ASSERT_THAT(unknown, IsOk());
  EXPECT_EQ(unknown->id, 2U);
  EXPECT_THAT(AnswerStatus(*unknown), FailsWith(Code::kUnimplemented, "dance"));
  auto wrong = ask(R"({"id":3,"op":"signal","container":[]})");
  ASSERT_THAT(wrong, IsOk());
  EXPECT_THAT(AnswerStatus(*wrong), FailsWith(Code::kInvalidArgument));
}

TEST_F(MonitorRecoveryTest, NoiseOnTheSocketHarmsOnlyItsSender) {
  Spawn();
  for (std::string noise :
       {std::string(4, '\xff'), std::string("\3\0\0\0abc", 7), std::string("\x10\0\0\0", 4)}) {
    auto socket = ConnectUnix(directory_ + "/monitor.sock");
    ASSERT_THAT(socket, IsOk());
    EXPECT_THAT(WriteAll(socket->get(), noise), IsOk());
  }
  Run(Shell("c1", "exit 3"));
  EXPECT_EQ(AwaitExit("c1").exit_code, 3);
}

}  // namespace
}  // namespace onggi
