#include "runtime/client/cgroup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "base/file_io.h"
#include "base/id.h"
#include "base/strings.h"
#include "runtime/client/cgroup_files.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::FailsWith;
using ::onggi::testing::IsOk;

class CgroupTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(group_, IsOk()); }
  void TearDown() override {
    EXPECT_THAT(group_->KillAll(), IsOk());
    while (waitpid(-1, nullptr, 0) > 0) {
    }
    EXPECT_THAT(group_->Remove(), IsOk());
    for (const std::string& dir : group_->dirs()) EXPECT_FALSE(PathExists(dir)) << dir;
  }
  std::string Read(const char* controller, const std::string& file) const {
    return std::string(Trim(ReadFile(group_->DirOf(controller) + "/" + file).value_or("?")));
  }
  // A process in the group that runs STEP.
  pid_t Spawn(const std::function<int()>& step) const {
    const pid_t child = fork();
    if (child != 0) return child;
    if (!group_->Join(0)) _exit(99);
    _exit(step());
  }
  bool IsV1() const { return group_->layout() != CgroupLayout::kV2; }

  Result<Cgroup> group_ = Cgroup::Create("/onggi-test-" + RandomHex(6));
};

TEST(CgroupPath, HasNoWayOut) {
  for (const char* bad : {"", "a", "/a/../b", "/a//b", "/.", "/a/"}) {
    EXPECT_THAT(Cgroup::Create(bad), FailsWith(Code::kInvalidArgument)) << bad;
  }
  EXPECT_THAT(Cgroup::Open("/onggi-test-nonexistent"), FailsWith(Code::kNotFound));
}

TEST_F(CgroupTest, AppliesLimits) {
  spec::Resources resources;
  resources.memory_limit = 64 << 20;
  resources.cpu_shares = 512;
  resources.cpu_quota = 50000;
  resources.cpu_period = 100000;
  resources.pids_limit = 11;
  resources.cpuset_cpus = "0";
  ASSERT_THAT(group_->Apply(resources), IsOk());
  if (!IsV1()) return;
  EXPECT_EQ(Read("memory", "memory.limit_in_bytes"), std::to_string(64 << 20));
  EXPECT_EQ(Read("cpu", "cpu.shares"), "512");
  EXPECT_EQ(Read("cpu", "cpu.cfs_quota_us"), "50000");
  EXPECT_EQ(Read("pids", "pids.max"), "11");
  EXPECT_EQ(Read("cpuset", "cpuset.cpus"), "0");
  resources = {};
  resources.pids_limit = -1;
  ASSERT_THAT(group_->Apply(resources), IsOk());
  EXPECT_EQ(Read("pids", "pids.max"), "max");
  EXPECT_EQ(Read("cpu", "cpu.shares"), "512");
}

TEST_F(CgroupTest, RaisesAndLowersMemoryAndSwap) {
  if (!CgroupFileExists(group_->DirOf("memory"), "memory.memsw.limit_in_bytes")) {
    GTEST_SKIP() << "needs swap accounting of cgroup v1";
  }
  for (const int64_t mib : {64, 256, 32, 512}) {
    spec::Resources resources;
    resources.memory_limit = mib << 20;
    resources.memory_swap = mib << 20;
    EXPECT_THAT(group_->Apply(resources), IsOk()) << mib;
  }
}

TEST_F(CgroupTest, ARefusedValueNamesFileAndValue) {
  spec::Resources resources;
  resources.cpuset_cpus = "4000";
  const Result<> applied = group_->Apply(resources);
  ASSERT_FALSE(applied);
  EXPECT_NE(applied.error().message().find("4000"), std::string::npos);
  EXPECT_NE(applied.error().message().find("cpuset.cpus"), std::string::npos);
}

TEST_F(CgroupTest, FreezesAndThaws) {
  const pid_t child = Spawn([] {
    for (;;) usleep(1000);
    return 0;
  });
  while (group_->Pids().value_or({}).empty()) usleep(1000);
  ASSERT_THAT(group_->Freeze(), IsOk());
  EXPECT_TRUE(group_->IsFrozen().value_or(false));
  ASSERT_THAT(group_->Thaw(), IsOk());
  EXPECT_FALSE(group_->IsFrozen().value_or(true));
  EXPECT_EQ(group_->Pids().value_or({}), std::vector<pid_t>{child});
}

TEST_F(CgroupTest, KillsAForkBombEvenWhenFrozen) {
  (void)Spawn([] {
    for (int i = 0; i < 200; ++i) {
      if (fork() == 0) {
        for (;;) pause();
      }
    }
    for (;;) pause();
    return 0;
  });
  while (group_->Pids().value_or({}).size() < 201) usleep(1000);
  ASSERT_THAT(group_->Freeze(), IsOk());
  ASSERT_THAT(group_->KillAll(), IsOk());
  EXPECT_THAT(group_->Remove(), IsOk());
}

TEST_F(CgroupTest, CountsOomKills) {
  spec::Resources resources;
  resources.memory_limit = 8 << 20;
  ASSERT_THAT(group_->Apply(resources), IsOk());
  EXPECT_EQ(group_->OomKills(), 0U);
  const pid_t child = Spawn([] {
    const size_t size = 64 << 20;
    char* block = static_cast<char*>(malloc(size));
    for (size_t i = 0; i < size; i += 4096) const_cast<volatile char*>(block)[i] = 1;
    return 0;
  });
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_GE(group_->OomKills(), 1U);
}

TEST_F(CgroupTest, RemovesWhatIsBelow) {
  for (const std::string& dir : group_->dirs()) ASSERT_EQ(mkdir((dir + "/sub").c_str(), 0755), 0);
}

TEST_F(CgroupTest, UnifiedKeysAreFilesOfTheGroupItself) {
  spec::Resources resources;
  for (const char* key : {"../cgroup.procs", "a/b.c", "", ".", "cgroup", "..memory.max"}) {
    resources.unified = {{key, "1"}};
    EXPECT_THAT(ApplyV2(group_->dirs().back(), resources), FailsWith(Code::kInvalidArgument))
        << key;
  }
}

class DeviceProgramTest : public CgroupTest {
 protected:
  std::string Unified() const {
    for (const std::string& dir : group_->dirs()) {
      if (PathExists(dir + "/cgroup.controllers")) return dir;
    }
    return "";
  }
  // errno of opening DEVICE in the group.
  int OpenIn(const char* device, int flags) const {
    const pid_t child = Spawn([&] { return open(device, flags | O_CLOEXEC) < 0 ? errno : 0; });
    int status = 0;
    (void)waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  }
};

TEST_F(DeviceProgramTest, LaterRulesWin) {
  if (Unified().empty()) GTEST_SKIP() << "needs a cgroup2 mount";
  ASSERT_THAT(AttachDeviceProgram(Unified(), {{.allow = false, .access = "rwm"}}), IsOk());
  EXPECT_EQ(OpenIn("/dev/zero", O_RDONLY), EPERM);
  ASSERT_THAT(AttachDeviceProgram(
                  Unified(), {{.allow = false, .access = "rwm"},
                              {.allow = true, .type = "c", .major = 1, .minor = 5, .access = "r"}}),
              IsOk());
  EXPECT_EQ(OpenIn("/dev/zero", O_RDONLY), 0);
  EXPECT_EQ(OpenIn("/dev/zero", O_WRONLY), EPERM);
  EXPECT_EQ(OpenIn("/dev/zero", O_RDWR), EPERM);
  EXPECT_EQ(OpenIn("/dev/null", O_RDONLY), EPERM);
  ASSERT_THAT(
      AttachDeviceProgram(
          Unified(),
          {{.allow = true}, {.allow = false, .type = "c", .major = 1, .minor = 5, .access = "w"}}),
      IsOk());
  EXPECT_EQ(OpenIn("/dev/zero", O_RDONLY), 0);
  EXPECT_EQ(OpenIn("/dev/zero", O_RDWR), EPERM);
  EXPECT_EQ(OpenIn("/dev/null", O_RDWR), 0);
}

TEST_F(DeviceProgramTest, TheDefaultsOpen) {
  if (Unified().empty()) GTEST_SKIP() << "needs a cgroup2 mount";
  std::vector<spec::DeviceRule> rules = {{.allow = false}};
  for (const spec::DeviceRule& rule : DefaultDeviceRules()) rules.push_back(rule);
  ASSERT_THAT(AttachDeviceProgram(Unified(), rules), IsOk());
  for (const char* device : {"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom"}) {
    EXPECT_EQ(OpenIn(device, O_RDWR), 0) << device;
  }
}

}  // namespace
}  // namespace onggi
