#include "base/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/clock.h"
#include "base/file_io.h"

namespace onggi {
namespace {

TEST(ChildProcess, TellsExitCodeAndSignal) {
  auto seven = ChildProcess::Spawn({.argv = {"/bin/sh", "-c", "exit 7"}});
  ASSERT_TRUE(seven.has_value());
  EXPECT_EQ(seven->Wait().value().code, 7);
  auto killed = ChildProcess::Spawn({.argv = {"/bin/sleep", "100"}});
  ASSERT_TRUE(killed.has_value());
  ASSERT_TRUE(killed->Signal(SIGKILL).has_value());
  EXPECT_EQ(killed->Wait().value().ShellCode(), 137);
}

TEST(ChildProcess, AMissingProgramIsTheSpawnsError) {
  auto none = ChildProcess::Spawn({.argv = {"/no/such/program"}});
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().sys_errno(), ENOENT);
}

TEST(ChildProcess, WaitGivesUpAtItsTimeoutAndTheChildLives) {
  auto child = ChildProcess::Spawn({.argv = {"/bin/sleep", "100"}});
  ASSERT_TRUE(child.has_value());
  EXPECT_EQ(child->Wait(std::chrono::milliseconds(20)).error().code(), Code::kDeadlineExceeded);
  EXPECT_TRUE(child->Signal(0).has_value());
}

TEST(ChildProcess, TheDestructorKillsAndReaps) {
  pid_t pid;
  {
    auto child = ChildProcess::Spawn({.argv = {"/bin/sleep", "100"}});
    ASSERT_TRUE(child.has_value());
    pid = child->pid();
  }
  EXPECT_FALSE(PathExists("/proc/" + std::to_string(pid)));
}

TEST(ChildProcess, PassesOnlyTheFdsThatWereNamed) {
  auto pipe = MakePipe();
  ASSERT_TRUE(pipe.has_value());
  auto output = RunCommand({.argv = {"/bin/ls", "/proc/self/fd"}});
  ASSERT_TRUE(output.has_value());
  EXPECT_EQ(output->out, "0\n1\n2\n3\n");  // 3 is ls's own directory
}

TEST(RunCommand, FeedsStdinAndCollectsBothOutputs) {
  auto output =
      RunCommand({.argv = {"/bin/sh", "-c", "cat; echo oops >&2; exit 3"}, .text = "hello"});
  ASSERT_TRUE(output.has_value());
  EXPECT_EQ(output->out, "hello");
  EXPECT_EQ(output->err, "oops\n");
  EXPECT_EQ(output->status.code, 3);
}

TEST(RunCommand, DropsWhatIsBeyondTheLimit) {
  auto output =
      RunCommand({.argv = {"/bin/sh", "-c", "head -c 300000 /dev/zero"}, .output_limit = 1000});
  ASSERT_TRUE(output.has_value());
  EXPECT_EQ(output->out.size(), 1000u);
  EXPECT_TRUE(output->status.ok());
}

TEST(RunCommand, KillsAtItsTimeout) {
  int64_t begin = MonotonicNanos();
  auto output =
      RunCommand({.argv = {"/bin/sleep", "100"}, .timeout = std::chrono::milliseconds(50)});
  EXPECT_EQ(output.error().code(), Code::kDeadlineExceeded);
  EXPECT_LT(MonotonicNanos() - begin, 10'000'000'000);
}

TEST(RunCommand, TheEnvironmentIsExactlyWhatWasGiven) {
  auto output = RunCommand({.argv = {"/usr/bin/env"}, .env = {"ONLY=this"}});
  ASSERT_TRUE(output.has_value());
  EXPECT_EQ(output->out, "ONLY=this\n");
}

}  // namespace
}  // namespace onggi
