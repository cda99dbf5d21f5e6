// Commands in running containers, through a real monitor.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/file_io.h"
#include "base/strings.h"
#include "tests/runtime/client/pod_fixture.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using std::chrono::milliseconds;
using testing::Eventually;
using testing::FailsWith;
using testing::IsOk;

class MonitorExecTest : public testing::PodFixture {
 protected:
  void SetUp() override {
    Spawn();
    Run(ShellInCgroup("c1", "while true; do sleep 1; done"));
  }
  // Processes in the container's cgroup that run a program with ARGUMENT.
  int CountRunning(const std::string& argument) {
    int count = 0;
    auto pids = cgroups_[0].Pids();
    EXPECT_THAT(pids, IsOk());
    for (pid_t pid : *pids) {
      auto line = ReadFile("/proc/" + std::to_string(pid) + "/cmdline");
      if (line && line->find(argument) != std::string::npos) ++count;
    }
    return count;
  }
  ExecRequest Shell(const std::string& script) {
    ExecRequest request;
    request.container_id = "c1";
    request.process = Command("c1", script).process;
    return request;
  }
};

TEST_F(MonitorExecTest, OutputAndExitCodeComeBack) {
  auto result = monitor_->ExecSync(Command("c1", "echo out; echo err >&2; exit 9"), CancelToken());
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->exit_code, 9);
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
  EXPECT_EQ(monitor_->ExecSync(Command("c1", "kill -9 $$"), CancelToken())->exit_code, 137);
}

TEST_F(MonitorExecTest, OutputIsCutAtTheLimit) {
  ExecSyncRequest request = Command("c1", "seq 1 500000; echo end >&2");
  request.output_limit = 1000;
  auto result = monitor_->ExecSync(request, CancelToken());
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->out.size(), 1000U);
  EXPECT_EQ(result->err, "end\n");
}

TEST_F(MonitorExecTest, BackgroundChildThatKeepsTheOutputDoesNotHang) {
  auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(Output("c1", "sleep 77 & echo done"), "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  // What was left behind lives on.
  EXPECT_EQ(CountRunning("77"), 1);
}

TEST_F(MonitorExecTest, ErrorsSayWhatIsMissing) {
  ExecSyncRequest request = Command("c1", "");
  request.process.args = {"/bin/nothing-here"};
  EXPECT_THAT(monitor_->ExecSync(request, CancelToken()), FailsWith(Code::kNotFound));
  EXPECT_THAT(monitor_->ExecSync(Command("c9", "true"), CancelToken()), FailsWith(Code::kNotFound));
  ASSERT_THAT(monitor_->Create(PodFixture::Shell("c2", "true")), IsOk());
  EXPECT_THAT(monitor_->ExecSync(Command("c2", "true"), CancelToken()),
              FailsWith(Code::kFailedPrecondition));
}

TEST_F(MonitorExecTest, TimeoutKillsTheWholeTree) {
  ExecSyncRequest request = Command(
      "c1", "setsid sleep 78 & (setsid sh -c 'sleep 78 & sleep 78' &) ; sleep 78; echo never");
  request.timeout = milliseconds(300);
  EXPECT_THAT(monitor_->ExecSync(request, CancelToken()), FailsWith(Code::kDeadlineExceeded));
  EXPECT_EQ(CountRunning("78"), 0);
  // The container's own shell and its sleep.
  EXPECT_TRUE(Eventually([&] { return cgroups_[0].Pids()->size() <= 2; }));
}

TEST_F(MonitorExecTest, CancellationKillsTheWholeTree) {
  CancelSource source;
  std::thread canceller([&] {
    EXPECT_TRUE(Eventually([&] { return CountRunning("79") >= 2; }));
    source.Cancel();
  });
  auto result = monitor_->ExecSync(Command("c1", "setsid sleep 79 & sleep 79"), source.token());
  canceller.join();
  EXPECT_THAT(result, FailsWith(Code::kCancelled));
  EXPECT_EQ(CountRunning("79"), 0);
}

TEST_F(MonitorExecTest, ManyAtOnceDoNotMixTheirOutput) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 15; ++i) {
        std::string text = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_EQ(Output("c1", "echo " + text), text + "\n");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // No group of an exec is left.
  EXPECT_TRUE(Eventually([&] {
    for (const std::string& dir : cgroups_[0].dirs()) {
      for (const auto& entry : std::filesystem::directory_iterator(dir)) {
        if (entry.path().filename().string().starts_with("exec-")) return false;
      }
    }
    return true;
  }));
}

TEST_F(MonitorExecTest, StreamsOfTheCallerAreTheProcesss) {
  auto in = MakePipe();
  auto out = MakePipe();
  ASSERT_TRUE(in && out);
  ExecRequest request = Shell("cat; exit 4");
  request.stdin_fd = in->read.get();
  request.stdout_fd = out->write.get();
  auto exec = monitor_->Exec(request);
  ASSERT_THAT(exec, IsOk());
  EXPECT_GT(exec->pid, 0);
  in->read.reset();
  out->write.reset();
  ASSERT_THAT(WriteAll(in->write.get(), "through"), IsOk());
  in->write.reset();
  EXPECT_EQ(ReadAll(out->read.get()).value_or(""), "through");
  auto code = monitor_->WaitExec(exec->exec_id, milliseconds(5000), CancelToken());
  ASSERT_THAT(code, IsOk());
  EXPECT_EQ(*code, 4);
}

TEST_F(MonitorExecTest, WaitAfterTheEndAndSignal) {
  auto quick = monitor_->Exec(Shell("exit 6"));
  ASSERT_THAT(quick, IsOk());
  usleep(100'000);
  auto code = monitor_->WaitExec(quick->exec_id, std::nullopt, CancelToken());
  ASSERT_THAT(code, IsOk());
  EXPECT_EQ(*code, 6);
  EXPECT_THAT(monitor_->WaitExec(quick->exec_id, std::nullopt, CancelToken()),
              FailsWith(Code::kNotFound));
  auto slow = monitor_->Exec(Shell("sleep 80"));
  ASSERT_THAT(slow, IsOk());
  ASSERT_THAT(monitor_->SignalExec(slow->exec_id, SIGTERM), IsOk());
  EXPECT_EQ(monitor_->WaitExec(slow->exec_id, std::nullopt, CancelToken()).value_or(-1), 143);
}

TEST_F(MonitorExecTest, WaitTimesOutAndKills) {
  auto exec = monitor_->Exec(Shell("setsid sleep 81 & sleep 81"));
  ASSERT_THAT(exec, IsOk());
  EXPECT_THAT(monitor_->WaitExec(exec->exec_id, milliseconds(200), CancelToken()),
              FailsWith(Code::kDeadlineExceeded));
  EXPECT_EQ(CountRunning("81"), 0);
}

TEST_F(MonitorExecTest, EndOfTheConnectionKillsItsExecs) {
  ASSERT_THAT(monitor_->Exec(Shell("setsid sleep 82 & sleep 82")), IsOk());
  ASSERT_TRUE(Eventually([&] { return CountRunning("82") >= 2; }));
  Reconnect();
  EXPECT_TRUE(Eventually([&] { return CountRunning("82") == 0; }));
}

TEST_F(MonitorExecTest, TerminalIsTheCallersAndCanBeResized) {
  ExecRequest request = Shell("stty size; read line; stty size; echo got $line");
  request.process.terminal = true;
  request.process.console_width = 100;
  request.process.console_height = 30;
  auto exec = monitor_->Exec(request);
  ASSERT_THAT(exec, IsOk());
  ASSERT_TRUE(exec->terminal.valid());
  std::string got;
  auto read_until = [&](const std::string& text) {
    return Eventually([&] {
      char chunk[256];
      (void)fcntl(exec->terminal.get(), F_SETFL, O_NONBLOCK);
      ssize_t n = read(exec->terminal.get(), chunk, sizeof chunk);
      if (n > 0) got.append(chunk, static_cast<size_t>(n));
      return got.find(text) != std::string::npos;
    });
  };
  EXPECT_TRUE(read_until("30 100")) << got;
  ASSERT_THAT(monitor_->Resize(exec->exec_id, 90, 20), IsOk());
  ASSERT_THAT(WriteAll(exec->terminal.get(), "word\n"), IsOk());
  EXPECT_TRUE(read_until("20 90")) << got;
  EXPECT_TRUE(read_until("got word")) << got;
  EXPECT_EQ(monitor_->WaitExec(exec->exec_id, milliseconds(5000), CancelToken()).value_or(-1), 0);
}

}  // namespace
}  // namespace onggi
