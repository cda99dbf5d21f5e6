#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "tests/support/canary.h"
#include "tests/support/matchers.h"
#include "tests/support/require_root.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::Canary;
using testing::FailsWith;
using testing::IsOk;
using testing::TempTree;

TEST(RemoveTree, TakesEveryKindOfName) {
  TempTree tree;
  tree.File("t/a/b/file");
  tree.Symlink("t/a/link", "/nowhere");
  ASSERT_EQ(mkfifo((tree / "t/pipe").c_str(), 0600), 0);
  tree.Dir("t/closed", 0000);
  EXPECT_THAT(RemoveTree(tree / "t"), IsOk());
  EXPECT_FALSE(tree.Exists("t"));
  EXPECT_THAT(RemoveTree(tree / "t"), IsOk());
  EXPECT_THAT(RemoveTree(tree.File("file")), IsOk());
  EXPECT_FALSE(tree.Exists("file"));
}

TEST(RemoveTree, FollowsNoLink) {
  TempTree tree;
  tree.File("outside/keep", "x");
  Canary canary(tree / "outside");
  tree.Symlink("t/link", tree / "outside");
  tree.Symlink("top", tree / "outside");
  EXPECT_THAT(RemoveTree(tree / "t"), IsOk());
  EXPECT_THAT(RemoveTree(tree / "top"), IsOk());
  EXPECT_FALSE(tree.Exists("top"));
  EXPECT_EQ(canary.Changes(), "");
}

// A bind mount of the same file system has the same device number.
TEST(RemoveTree, StopsAtABindMount) {
  ONGGI_REQUIRE_ROOT();
  TempTree tree;
  tree.File("volume/precious", "x");
  std::string at = tree.Dir("t/mounted");
  Canary canary(tree / "volume");
  ASSERT_EQ(mount((tree / "volume").c_str(), at.c_str(), nullptr, MS_BIND, nullptr), 0);
  auto removed = RemoveTree(tree / "t");
  ASSERT_EQ(umount2(at.c_str(), MNT_DETACH), 0);
  EXPECT_THAT(removed, FailsWith(Code::kFailedPrecondition, "mounted is a mount point"));
  EXPECT_EQ(canary.Changes(), "");
}

// As a container can: each level made relative to the one before.
TEST(RemoveTree, TakesAnyDepth) {
  TempTree tree;
  tree.Dir("t");
  UniqueFd at = Open(tree / "t", O_RDONLY | O_DIRECTORY).value();
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(mkdirat(at.get(), "d", 0755), 0);
    at = OpenAt(at.get(), "d", O_RDONLY | O_DIRECTORY).value();
  }
  at.reset();
  EXPECT_THAT(RemoveTree(tree / "t"), IsOk());
  EXPECT_FALSE(tree.Exists("t"));
}

TEST(RemoveTree, TakesLargeDirectories) {
  TempTree tree;
  for (int i = 0; i < 3000; ++i) tree.File("t/" + std::to_string(i));
  EXPECT_THAT(RemoveTree(tree / "t"), IsOk());
  EXPECT_FALSE(tree.Exists("t"));
}

}  // namespace
}  // namespace onggi
