#include "runtime/kernel/mount_options.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

namespace onggi {
namespace {

TEST(MountOptions, LaterWordsWin) {
  const MountOptions options = ParseMountOptions({"ro", "nosuid", "rw", "suid", "noexec"});
  EXPECT_EQ(options.attr_set, static_cast<uint64_t>(MOUNT_ATTR_NOEXEC));
  EXPECT_EQ(options.attr_clear, static_cast<uint64_t>(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID));
}

TEST(MountOptions, RecursiveWordsAreKeptApart) {
  const MountOptions options = ParseMountOptions({"rbind", "rro", "rprivate"});
  EXPECT_TRUE(options.bind);
  EXPECT_TRUE(options.recursive_bind);
  EXPECT_EQ(options.attr_set, 0U);
  EXPECT_EQ(options.recursive_set, static_cast<uint64_t>(MOUNT_ATTR_RDONLY));
  EXPECT_EQ(options.propagation, static_cast<uint64_t>(MS_PRIVATE));
  EXPECT_TRUE(options.propagation_recursive);
}

TEST(MountOptions, UnknownWordsAreDataForTheFileSystem) {
  const MountOptions options = ParseMountOptions({"defaults", "size=64m", "mode=755", "rw"});
  EXPECT_EQ(options.data, (std::vector<std::string>{"size=64m", "mode=755"}));
}

TEST(MountOptions, AccessTimeModesReplaceEachOther) {
  const MountOptions options = ParseMountOptions({"noatime", "strictatime"});
  EXPECT_EQ(options.attr_set, static_cast<uint64_t>(MOUNT_ATTR_STRICTATIME));
  EXPECT_NE(options.attr_clear & MOUNT_ATTR__ATIME, 0U);
}

TEST(PropagationFlag, KnowsNoOtherWords) {
  bool recursive = true;
  EXPECT_EQ(PropagationFlag("ro", recursive), 0U);
  EXPECT_EQ(PropagationFlag("", recursive), 0U);
  EXPECT_EQ(PropagationFlag("rslave", recursive), static_cast<uint64_t>(MS_SLAVE));
  EXPECT_TRUE(recursive);
}

}  // namespace
}  // namespace onggi
