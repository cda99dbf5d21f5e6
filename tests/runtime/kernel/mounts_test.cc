#include "runtime/kernel/mounts.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>

#include "base/file_io.h"
#include "tests/runtime/support/test_container.h"
#include "tests/support/canary.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::Canary;
using ::onggi::testing::IsOk;
using ::onggi::testing::Outcome;
using ::onggi::testing::TestContainer;

spec::Mount Bind(const std::string& source, const std::string& destination,
                 std::vector<std::string> options) {
  spec::Mount mount{.destination = destination, .type = "bind", .source = source};
  mount.options = std::move(options);
  return mount;
}

class MountsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    outside_ = container_.directory() + "/outside";
    ASSERT_THAT(MakeDirs(outside_ + "/sub"), IsOk());
    ASSERT_THAT(WriteFileAtomic(outside_ + "/file", "content"), IsOk());
  }
  TestContainer container_;
  std::string outside_;
};

TEST_F(MountsTest, BindsMakeTheirTargets) {
  container_.spec().mounts.push_back(Bind(outside_, "/a/b/c", {"rbind"}));
  container_.spec().mounts.push_back(Bind(outside_ + "/file", "/x/y", {"bind", "ro"}));
  const Outcome outcome =
      container_.RunShell("cat /a/b/c/file /x/y; echo -n new > /a/b/c/new; echo -n z > /x/y");
  EXPECT_EQ(outcome.out.substr(0, 14), "contentcontent") << outcome.error;
  EXPECT_NE(outcome.out.find("Read-only"), std::string::npos) << outcome.out;
  EXPECT_TRUE(PathExists(outside_ + "/new"));
}

TEST_F(MountsTest, ATargetThroughALinkStaysInside) {
  const Canary canary(outside_);
  std::filesystem::create_directory_symlink(outside_, container_.rootfs() + "/link");
  std::filesystem::create_directory_symlink("../../../..", container_.rootfs() + "/up");
  container_.spec().mounts.push_back(
      {.destination = "/link/t", .type = "tmpfs", .source = "tmpfs"});
  container_.spec().mounts.push_back({.destination = "/up/v", .type = "tmpfs", .source = "tmpfs"});
  const Outcome outcome = container_.RunShell("grep -c tmpfs.*/v /proc/self/mounts");
  EXPECT_EQ(canary.Changes(), "") << outcome.error;
  EXPECT_FALSE(PathExists("/v"));
}

TEST_F(MountsTest, ProcThroughALinkIsRefused) {
  std::filesystem::remove(container_.rootfs() + "/proc");
  std::filesystem::create_directory_symlink("tmp", container_.rootfs() + "/proc");
  const Outcome outcome = container_.RunShell("true");
  EXPECT_EQ(outcome.code, -1);
  EXPECT_NE(outcome.error.find("mount /proc"), std::string::npos) << outcome.error;
}

TEST_F(MountsTest, RecursiveReadOnlyReachesSubmounts) {
  ASSERT_EQ(mount("tmpfs", (outside_ + "/sub").c_str(), "tmpfs", 0, nullptr), 0);
  container_.spec().mounts.push_back(Bind(outside_, "/plain", {"rbind", "ro"}));
  container_.spec().mounts.push_back(Bind(outside_, "/deep", {"rbind", "rro"}));
  const Outcome outcome = container_.RunShell(
      "touch /plain/x; touch /deep/x; touch /deep/sub/x; touch /plain/sub/x && echo sub");
  ASSERT_EQ(umount2((outside_ + "/sub").c_str(), MNT_DETACH), 0);
  EXPECT_NE(outcome.out.find("/deep/sub/x: Read-only"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("/plain/x: Read-only"), std::string::npos);
  EXPECT_NE(outcome.out.find("sub\n"), std::string::npos);
}

TEST_F(MountsTest, PropagationReachesTheHostOnlyWhenShared) {
  ASSERT_EQ(mount(outside_.c_str(), outside_.c_str(), nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(mount(nullptr, outside_.c_str(), nullptr, MS_SHARED, nullptr), 0);
  container_.spec().process->capabilities->bounding.push_back("CAP_SYS_ADMIN");
  container_.spec().process->capabilities->effective.push_back("CAP_SYS_ADMIN");
  container_.spec().process->capabilities->permitted.push_back("CAP_SYS_ADMIN");
  std::vector<std::string> seen;
  for (const char* word : {"rprivate", "rslave", "rshared"}) {
    container_.spec().mounts.push_back(Bind(outside_, "/data", {"rbind", word}));
    const Outcome outcome =
        container_.RunShell("mount -t tmpfs tmpfs /data/sub && touch /data/sub/made");
    EXPECT_EQ(outcome.code, 0) << outcome.error << outcome.out;
    if (PathExists(outside_ + "/sub/made")) seen.emplace_back(word);
    container_.spec().mounts.pop_back();
  }
  (void)umount2((outside_ + "/sub").c_str(), MNT_DETACH);
  ASSERT_EQ(umount2(outside_.c_str(), MNT_DETACH), 0);
  EXPECT_EQ(seen, std::vector<std::string>{"rshared"});
}

TEST_F(MountsTest, TmpfsCopiesUpWhatItCovers) {
  ASSERT_THAT(WriteFileAtomic(container_.rootfs() + "/etc/kept", "text"), IsOk());
  container_.spec().mounts.push_back({.destination = "/etc",
                                      .type = "tmpfs",
                                      .source = "tmpfs",
                                      .options = {"tmpcopyup", "mode=755"}});
  const Outcome outcome = container_.RunShell("cat /etc/kept; touch /etc/new");
  EXPECT_EQ(outcome.out, "text") << outcome.error;
  EXPECT_FALSE(PathExists(container_.rootfs() + "/etc/new"));
}

TEST_F(MountsTest, AMissingSourceNamesTheMount) {
  container_.spec().mounts.push_back(Bind("/nonexistent", "/data", {"rbind"}));
  const Outcome outcome = container_.RunShell("true");
  EXPECT_NE(outcome.error.find("mount /data: open_tree(/nonexistent): No such file"),
            std::string::npos)
      << outcome.error;
}

TEST_F(MountsTest, TheHostsMountTableDoesNotGrow) {
  const auto count = [] { return ReadFile("/proc/self/mountinfo").value_or("").size(); };
  const size_t before = count();
  ASSERT_THAT(container_.StartSleep(), IsOk());
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace onggi
