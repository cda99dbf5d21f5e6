#include "runtime/state/container_state.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::FailsWith;
using ::onggi::testing::IsOk;

class ContainerStateTest : public ::testing::Test {
 protected:
  std::string root() { return temp_->path() + "/root"; }
  Result<TempDir> temp_ = TempDir::Make();
};

TEST_F(ContainerStateTest, IdsAreOneComponent) {
  for (const char* good : {"a", "A1_+-.z", "..a"}) EXPECT_THAT(CheckContainerId(good), IsOk());
  for (const char* bad : {"", ".", "..", "a/b", "a b", "\n", "é"}) {
    EXPECT_THAT(CheckContainerId(bad), FailsWith(Code::kInvalidArgument)) << bad;
  }
  EXPECT_THAT(CheckContainerId(std::string(1025, 'a')), FailsWith(Code::kInvalidArgument));
}

TEST_F(ContainerStateTest, OneIdIsOneContainer) {
  ASSERT_THAT(ContainerState::Create(root(), "c", "{}"), IsOk());
  EXPECT_THAT(ContainerState::Create(root(), "c", "{}"), FailsWith(Code::kAlreadyExists));
  EXPECT_EQ(ContainerState::List(root()), std::vector<std::string>{"c"});
}

TEST_F(ContainerStateTest, KeepsItsRecord) {
  ONGGI_ASSERT_OK_AND_ASSIGN(ContainerState state, ContainerState::Create(root(), "c", "{}"));
  ASSERT_THAT(state.Save({.id = "c",
                          .bundle = "/b",
                          .pid = getpid(),
                          .start_time = ProcessStartTime(getpid()),
                          .created_at_ns = 5,
                          .cgroup_path = "/x",
                          .cgroup_dirs = {"/sys/fs/cgroup/x"}}),
              IsOk());
  ONGGI_ASSERT_OK_AND_ASSIGN(const ContainerState loaded, ContainerState::Load(root(), "c"));
  EXPECT_EQ(loaded.record().bundle, "/b");
  EXPECT_EQ(loaded.record().cgroup_dirs, std::vector<std::string>{"/sys/fs/cgroup/x"});
  EXPECT_EQ(loaded.Status(), ContainerStatus::kRunning);
  EXPECT_THAT(loaded.OpenInit(), IsOk());
  EXPECT_THAT(loaded.Remove(), IsOk());
  EXPECT_THAT(ContainerState::Load(root(), "c"), FailsWith(Code::kNotFound));
}

TEST_F(ContainerStateTest, AReusedPidIsNotTheContainer) {
  ONGGI_ASSERT_OK_AND_ASSIGN(ContainerState state, ContainerState::Create(root(), "c", "{}"));
  ASSERT_THAT(state.Save({.id = "c", .pid = getpid(), .start_time = 1}), IsOk());
  EXPECT_EQ(state.Status(), ContainerStatus::kStopped);
  EXPECT_THAT(state.OpenInit(), FailsWith(Code::kFailedPrecondition));
}

TEST_F(ContainerStateTest, AZombieIsStopped) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(ProcessStartTime(child), 0U);
  (void)waitpid(child, nullptr, 0);
}

TEST_F(ContainerStateTest, AHalfMadeContainerCanBeLoaded) {
  ASSERT_THAT(ContainerState::Create(root(), "c", "{}"), IsOk());
  ONGGI_ASSERT_OK_AND_ASSIGN(const ContainerState state, ContainerState::Load(root(), "c"));
  EXPECT_EQ(state.Status(), ContainerStatus::kStopped);
  EXPECT_EQ(state.record().id, "c");
}

TEST_F(ContainerStateTest, DamageIsAnErrorThatNamesIt) {
  ASSERT_THAT(ContainerState::Create(root(), "c", "{}"), IsOk());
  ASSERT_THAT(WriteFileAtomic(root() + "/c/state.json", "{\"pid\":\"x\"}"), IsOk());
  EXPECT_THAT(ContainerState::Load(root(), "c"),
              FailsWith(Code::kInvalidArgument, "state of container c"));
}

}  // namespace
}  // namespace onggi
