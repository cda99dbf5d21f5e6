#include "runtime/kernel/devices.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file_io.h"
#include "tests/runtime/support/test_container.h"
#include "tests/support/canary.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::Canary;
using ::onggi::testing::Outcome;
using ::onggi::testing::TestContainer;

// Root without the tmpfs on /dev, so that the image's own /dev is what counts.
void DropDev(TestContainer& container) {
  std::erase_if(container.spec().mounts, [](const spec::Mount& mount) {
    return mount.destination.compare(0, 4, "/dev") == 0;
  });
}

TEST(Devices, ADevThatIsALinkIsRefused) {
  TestContainer container;
  DropDev(container);
  const std::string outside = container.directory() + "/outside";
  ASSERT_THAT(MakeDirs(outside), ::onggi::testing::IsOk());
  std::filesystem::remove(container.rootfs() + "/dev");
  std::filesystem::create_directory_symlink("/etc", container.rootfs() + "/dev");
  const Canary canary(outside);
  const Outcome outcome = container.RunShell("true");
  EXPECT_EQ(outcome.code, -1);
  EXPECT_NE(outcome.error.find("/dev"), std::string::npos) << outcome.error;
  EXPECT_FALSE(PathExists(container.rootfs() + "/etc/null"));
  EXPECT_EQ(canary.Changes(), "");
}

TEST(Devices, ANodeThatIsAFileIsRefused) {
  TestContainer container;
  DropDev(container);
  ASSERT_THAT(WriteFileAtomic(container.rootfs() + "/dev/null", "mine"), ::onggi::testing::IsOk());
  const Outcome outcome = container.RunShell("true");
  EXPECT_NE(outcome.error.find("something else is in its place"), std::string::npos)
      << outcome.error;
}

TEST(Devices, OwnNodesGetModeAndOwner) {
  TestContainer container;
  container.spec().linux_.resources.devices.push_back(
      {.allow = true, .type = "c", .major = 1, .minor = 11, .access = "rwm"});
  container.spec().linux_.devices = {{.path = "/dev/deep/log",
                                      .type = "c",
                                      .major = 1,
                                      .minor = 11,
                                      .file_mode = 0620,
                                      .uid = 7,
                                      .gid = 8}};
  const Outcome outcome = container.RunShell("stat -c '%a %u %g %t %T' /dev/deep/log");
  EXPECT_EQ(outcome.out, "620 7 8 1 b\n") << outcome.error;
}

TEST(OpenNull, ProvesTheDevice) {
  EXPECT_THAT(OpenNull(0), ::onggi::testing::IsOk());
}

}  // namespace
}  // namespace onggi
