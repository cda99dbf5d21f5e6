#include "base/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "base/clock.h"
#include "base/file_io.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using std::chrono::milliseconds;
using testing::FailsWith;
using testing::IsOk;

CommandOptions Shell(const std::string& script, std::string text = "") {
  return {.argv = {"/bin/sh", "-c", script}, .env = {"A=1"}, .text = std::move(text)};
}

TEST(ChildProcess, TellsHowItEnded) {
  ONGGI_ASSERT_OK_AND_ASSIGN(ChildProcess exits,
                             ChildProcess::Spawn({.argv = {"/bin/sh", "-c", "exit 7"}}));
  ExitStatus status = exits.Wait().value();
  EXPECT_EQ(status.code, 7);
  EXPECT_EQ(status.ShellCode(), 7);
  EXPECT_FALSE(status.ok());
  ONGGI_ASSERT_OK_AND_ASSIGN(ChildProcess dies,
                             ChildProcess::Spawn({.argv = {"/bin/sleep", "60"}}));
  ASSERT_THAT(dies.Signal(SIGTERM), IsOk());
  status = dies.Wait().value();
  EXPECT_EQ(status.signal, SIGTERM);
  EXPECT_EQ(status.ShellCode(), 128 + SIGTERM);
}

TEST(ChildProcess, SaysWhichProgramIsMissing) {
  EXPECT_THAT(ChildProcess::Spawn({.argv = {"/no/such/program"}}),
              FailsWith(Code::kInternal, "/no/such/program"));
}

TEST(ChildProcess, WaitEndsInTime) {
  ONGGI_ASSERT_OK_AND_ASSIGN(ChildProcess child,
                             ChildProcess::Spawn({.argv = {"/bin/sleep", "60"}}));
  EXPECT_THAT(child.Wait(milliseconds(20)), FailsWith(Code::kDeadlineExceeded));
  ASSERT_THAT(child.Signal(SIGKILL), IsOk());
  EXPECT_EQ(child.Wait(milliseconds(10'000)).value().signal, SIGKILL);
}

TEST(ChildProcess, IsKilledAndReapedWithItsObject) {
  pid_t pid;
  {
    ONGGI_ASSERT_OK_AND_ASSIGN(ChildProcess child,
                               ChildProcess::Spawn({.argv = {"/bin/sleep", "60"}}));
    pid = child.pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(ChildProcess, GetsItsFdsAndNoOthers) {
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd extra, Open("/dev/null", O_RDONLY));
  ONGGI_ASSERT_OK_AND_ASSIGN(Pipe out, MakePipe());
  ONGGI_ASSERT_OK_AND_ASSIGN(ChildProcess child,
                             ChildProcess::Spawn({.argv = {"/bin/ls", "/proc/self/fd"},
                                                  .env = {"PATH=/bin:/usr/bin"},
                                                  .stdout_fd = out.write.get(),
                                                  .pass_fds = {extra.get(), extra.get()}}));
  out.write.reset();
  // The last is ls's own: the directory that it lists.
  EXPECT_EQ(ReadAll(out.read.get()).value(), "0\n1\n2\n3\n4\n5\n");
  EXPECT_TRUE(child.Wait().value().ok());
}

TEST(ChildProcess, StartsWithCleanSignals) {
  sigset_t blocked;
  sigset_t old;
  ASSERT_EQ(sigemptyset(&blocked), 0);
  ASSERT_EQ(sigaddset(&blocked, SIGUSR1), 0);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &old), 0);
  auto old_handler = signal(SIGUSR2, SIG_IGN);
  auto output = RunCommand({.argv = {"/bin/grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"}});
  (void)signal(SIGUSR2, old_handler);
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &old, nullptr), 0);
  ASSERT_THAT(output, IsOk());
  // Signals 32 and 33 are glibc's own: no call of its reaches them, and a parent may ignore them.
  EXPECT_THAT(output->out,
              ::testing::AnyOf("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n",
                               "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n"));
}

TEST(RunCommand, FeedsAndCollects) {
  ONGGI_ASSERT_OK_AND_ASSIGN(CommandOutput output,
                             RunCommand(Shell("cat; echo err $A >&2; exit 3", "in")));
  EXPECT_EQ(output.out, "in");
  EXPECT_EQ(output.err, "err 1\n");
  EXPECT_EQ(output.status.code, 3);
}

TEST(RunCommand, CarriesMoreThanAPipeHolds) {
  std::string text(1'000'000, 'x');
  ONGGI_ASSERT_OK_AND_ASSIGN(CommandOutput output, RunCommand(Shell("cat", text)));
  EXPECT_EQ(output.out, text);
}

TEST(RunCommand, BoundsWhatItKeeps) {
  CommandOptions options = Shell("/bin/dd if=/dev/zero bs=100000 count=3 2>/dev/null; exit 0");
  options.output_limit = 1000;
  ONGGI_ASSERT_OK_AND_ASSIGN(CommandOutput output, RunCommand(options));
  EXPECT_EQ(output.out.size(), 1000u);
  EXPECT_TRUE(output.status.ok());
}

// The default disposition of SIGPIPE would end the caller.
TEST(RunCommand, OutlivesAChildThatReadsNothing) {
  auto old = signal(SIGPIPE, SIG_DFL);
  for (int i = 0; i < 20; ++i) {
    ONGGI_ASSERT_OK_AND_ASSIGN(CommandOutput output,
                               RunCommand(Shell("exit 0", std::string(1'000'000, 'x'))));
    EXPECT_TRUE(output.status.ok());
  }
  (void)signal(SIGPIPE, old);
}

TEST(RunCommand, EndsInTime) {
  CommandOptions options = Shell("sleep 60");
  options.timeout = milliseconds(50);
  int64_t start = MonotonicNanos();
  EXPECT_THAT(RunCommand(options), FailsWith(Code::kDeadlineExceeded, "/bin/sh"));
  EXPECT_LT(MonotonicNanos() - start, 20'000'000'000);
}

}  // namespace
}  // namespace onggi
