// The container's log and those who are attached, through a real monitor.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "base/file_io.h"
#include "tests/runtime/client/pod_fixture.h"
#include "tests/runtime/monitor/cri_records.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::Eventually;
using testing::FailsWith;
using testing::IsOk;

class MonitorLogTest : public testing::PodFixture {
 protected:
  void SetUp() override { Spawn(); }

  static std::string Numbers(int last) {
    std::string all;
    for (int i = 1; i <= last; ++i) all += std::to_string(i) + "\n";
    return all;
  }
  // Reads without waiting into GOT until it holds TEXT.
  static bool ReadUntil(const UniqueFd& fd, std::string& got, const std::string& text) {
    (void)fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return Eventually([&] {
      char chunk[512];
      ssize_t n = read(fd.get(), chunk, sizeof chunk);
      if (n > 0) got.append(chunk, static_cast<size_t>(n));
      return got.find(text) != std::string::npos;
    });
  }
};

TEST_F(MonitorLogTest, AllOutputIsThereWhenTheExitIsTold) {
  for (int i = 0; i < 10; ++i) {
    std::string id = "c" + std::to_string(i);
    Run(Shell(id, "seq 1 8000; echo last"));
    AwaitExit(id);
    EXPECT_EQ(Logged(id), Numbers(8000) + "last\n");
  }
}

TEST_F(MonitorLogTest, RotationUnderLoadLosesAndSplitsNoLine) {
  constexpr int kLines = 300'000;
  Run(Shell("c1", "seq 1 " + std::to_string(kLines) + "; echo error >&2"));
  int files = 0;
  std::string log = LogPath("c1");
  while (true) {
    std::string old = log + "." + std::to_string(files);
    if (rename(log.c_str(), old.c_str()) != 0) break;
    ++files;
    auto reopened = monitor_->ReopenLog("c1");
    if (!reopened) {
      EXPECT_THAT(reopened, FailsWith(Code::kFailedPrecondition));
      // No file may be made for a container that does not run.
      EXPECT_FALSE(testing::TempTree().Exists(log));
      break;
    }
    usleep(3000);
  }
  AwaitExit("c1");
  EXPECT_GT(files, 3);
  std::string all;
  for (int i = 0; i < files; ++i) {
    all += tree_.Read("logs/c1.log." + std::to_string(i));
  }
  all += tree_.Read("logs/c1.log");
  auto records = testing::ParseCriLog(all);
  ASSERT_THAT(records, IsOk());
  EXPECT_EQ(testing::JoinStream(*records, "stdout"), Numbers(kLines));
  EXPECT_EQ(testing::JoinStream(*records, "stderr"), "error\n");
}

TEST_F(MonitorLogTest, LogDirectoryMayVanish) {
  Run(Shell("c1", "echo a; read x; seq 1 1000; exit 3"));
  ContainerCreate create = Shell("c2", "while ! test -e /tmp/go; do sleep 0.02; done; exit 3");
  Run(create);
  ASSERT_THAT(RemoveTree(tree_ / "logs"), IsOk());
  EXPECT_THAT(monitor_->ReopenLog("c2"), FailsWith(Code::kInternal));
  tree_.File("root/tmp/go");
  EXPECT_EQ(AwaitExit("c2").exit_code, 3);
}

TEST_F(MonitorLogTest, FullDiskDoesNotStopTheContainer) {
  Run(Shell("none", "true"));
  AwaitExit("none");
  ContainerCreate create = Shell("c1", "seq 1 100000; exit 5");
  std::string full = tree_ / "logs/full";
  ASSERT_EQ(symlink("/dev/full", full.c_str()), 0);
  create.log_path = full;
  EXPECT_FALSE(monitor_->Create(create));  // a link is no log
  create.log_path = "";
  Run(create);
  EXPECT_EQ(AwaitExit("c1").exit_code, 5);
}

TEST_F(MonitorLogTest, AttachedReaderGetsACopyAndItsInputArrives) {
  ContainerCreate create = Shell("c1", "echo up; while read line; do echo got $line; done; exit 2");
  create.stdin_open = true;
  Run(create);
  ASSERT_TRUE(AwaitLogged("c1", "up"));
  auto attached = monitor_->Attach("c1");
  ASSERT_THAT(attached, IsOk());
  EXPECT_FALSE(attached->terminal);
  ASSERT_THAT(WriteAll(attached->stdin_fd.get(), "one\n"), IsOk());
  std::string got;
  EXPECT_TRUE(ReadUntil(attached->stdout_fd, got, "got one\n")) << got;
  // The end of one attach is not the end of the input.
  attached->stdin_fd.reset();
  auto second = monitor_->Attach("c1");
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(WriteAll(second->stdin_fd.get(), "two\n"), IsOk());
  ASSERT_TRUE(AwaitLogged("c1", "got two"));
  ASSERT_THAT(monitor_->CloseStdin("c1"), IsOk());
  EXPECT_EQ(AwaitExit("c1").exit_code, 2);
  EXPECT_EQ(Logged("c1"), "up\ngot one\ngot two\n");
  EXPECT_TRUE(ReadUntil(attached->stdout_fd, got, "got two\n"));
  EXPECT_EQ(read(attached->stdout_fd.get(), got.data(), 1), 0);
  EXPECT_THAT(monitor_->Attach("c1"), FailsWith(Code::kFailedPrecondition));
}

TEST_F(MonitorLogTest, StdinOnceEndsWithTheFirstAttach) {
  ContainerCreate create = Shell("c1", "cat; exit 3");
  create.stdin_open = true;
  create.stdin_once = true;
  Run(create);
  auto attached = monitor_->Attach("c1");
  ASSERT_THAT(attached, IsOk());
  ASSERT_THAT(WriteAll(attached->stdin_fd.get(), "all there is\n"), IsOk());
  attached->stdin_fd.reset();
  EXPECT_EQ(AwaitExit("c1").exit_code, 3);
  EXPECT_EQ(Logged("c1"), "all there is\n");
}

TEST_F(MonitorLogTest, StdinThatIsNotOpenIsAtItsEnd) {
  Run(Shell("c1", "cat; exit 4"));
  EXPECT_EQ(AwaitExit("c1").exit_code, 4);
}

TEST_F(MonitorLogTest, StalledReaderHoldsUpNeitherLogNorContainer) {
  constexpr int kLines = 300'000;
  Run(Shell("c1", "while ! test -e /tmp/go; do sleep 0.02; done; seq 1 " + std::to_string(kLines)));
  auto attached = monitor_->Attach("c1");
  ASSERT_THAT(attached, IsOk());
  tree_.File("root/tmp/go");
  EXPECT_EQ(AwaitExit("c1").exit_code, 0);
  EXPECT_EQ(Logged("c1"), Numbers(kLines));
}

TEST_F(MonitorLogTest, TerminalIsLoggedAttachedAndResized) {
  ContainerCreate create =
      Shell("c1",
            "test -t 0 && test -t 2 && echo terminal; echo err >&2; stty size; read line; "
            "stty size; echo got $line");
  create.spec.process->terminal = true;
  create.spec.process->console_width = 100;
  create.spec.process->console_height = 30;
  create.stdin_open = true;
  Run(create);
  ASSERT_TRUE(AwaitLogged("c1", "30 100"));
  auto attached = monitor_->Attach("c1");
  ASSERT_THAT(attached, IsOk());
  EXPECT_TRUE(attached->terminal);
  EXPECT_FALSE(attached->stderr_fd.valid());
  ASSERT_THAT(monitor_->Resize("c1", 120, 40), IsOk());
  ASSERT_THAT(WriteAll(attached->stdin_fd.get(), "word\n"), IsOk());
  std::string got;
  EXPECT_TRUE(ReadUntil(attached->stdout_fd, got, "got word")) << got;
  EXPECT_NE(got.find("40 120"), std::string::npos) << got;
  EXPECT_EQ(AwaitExit("c1").exit_code, 0);
  std::string logged = Logged("c1");
  EXPECT_NE(logged.find("terminal\r\nerr\r\n30 100\r\n"), std::string::npos) << logged;
  EXPECT_EQ(Logged("c1", "stderr"), "");
  EXPECT_THAT(monitor_->Resize("c9", 1, 1), FailsWith(Code::kNotFound));
}

}  // namespace
}  // namespace onggi
