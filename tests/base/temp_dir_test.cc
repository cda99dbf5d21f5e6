#include "base/temp_dir.h"

#include <sys/stat.h>

#include "base/file_io.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

TEST(TempDir, GoesWithAllItHolds) {
  std::string path;
  {
    ONGGI_ASSERT_OK_AND_ASSIGN(TempDir dir, TempDir::Make());
    path = dir.path();
    struct stat st {};
    ASSERT_EQ(stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0700u);
    ASSERT_THAT(MakeDirs(path + "/a/b"), IsOk());
    ASSERT_THAT(WriteFileAtomic(path + "/a/b/f", "x"), IsOk());
  }
  EXPECT_FALSE(PathExists(path));
}

TEST(TempDir, MovesAndReleases) {
  ONGGI_ASSERT_OK_AND_ASSIGN(TempDir first, TempDir::Make());
  ONGGI_ASSERT_OK_AND_ASSIGN(TempDir second, TempDir::Make());
  std::string one = first.path();
  std::string two = second.path();
  first = std::move(second);
  EXPECT_FALSE(PathExists(one));
  EXPECT_EQ(first.path(), two);
  EXPECT_EQ(first.Release(), two);
  EXPECT_TRUE(PathExists(two));
  EXPECT_THAT(RemoveTree(two), IsOk());
}

TEST(TempDir, NamesTheParentItLacks) {
  EXPECT_THAT(TempDir::Make("/no/such"), FailsWith(Code::kInternal, "/no/such"));
}

}  // namespace
}  // namespace onggi
