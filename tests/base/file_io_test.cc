#include "base/file_io.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temp_dir.h"

namespace onggi {
namespace {

class FileIo : public ::testing::Test {
 protected:
  void SetUp() override {
    auto dir = TempDir::Make();
    ASSERT_TRUE(dir.has_value());
    dir_.emplace(std::move(dir).value());
  }
  std::string Path(const std::string& name) const { return dir_->path() + "/" + name; }
  std::optional<TempDir> dir_;
};

TEST_F(FileIo, WriteAtomicReplacesAndLeavesNoTemporary) {
  ASSERT_TRUE(WriteFileAtomic(Path("a"), "one").has_value());
  ASSERT_TRUE(WriteFileAtomic(Path("a"), "two", 0600, true).has_value());
  EXPECT_EQ(ReadFile(Path("a")).value(), "two");
  EXPECT_EQ(rmdir(dir_->path().c_str()), -1);
  ASSERT_TRUE(RemoveFile(Path("a")).has_value());
  EXPECT_EQ(rmdir(dir_->path().c_str()), 0);
}

TEST_F(FileIo, ReadRefusesMoreThanTheLimit) {
  ASSERT_TRUE(WriteFileAtomic(Path("a"), std::string(100, 'x')).has_value());
  EXPECT_EQ(ReadFile(Path("a"), 100).value().size(), 100u);
  EXPECT_EQ(ReadFile(Path("a"), 99).error().code(), Code::kResourceExhausted);
}

TEST_F(FileIo, ReadsFilesThatTellNoSize) {
  EXPECT_FALSE(ReadFile("/proc/self/status").value().empty());
}

TEST_F(FileIo, MakeDirsMakesParentsAndIsIdempotent) {
  EXPECT_TRUE(MakeDirs(Path("a/b/c")).has_value());
  EXPECT_TRUE(MakeDirs(Path("a/b/c")).has_value());
  ASSERT_TRUE(WriteFileAtomic(Path("file"), "").has_value());
  EXPECT_EQ(MakeDirs(Path("file")).error().sys_errno(), ENOTDIR);
}

TEST_F(FileIo, RemoveTreeFollowsNoLink) {
  ASSERT_TRUE(MakeDirs(Path("keep")).has_value());
  ASSERT_TRUE(WriteFileAtomic(Path("keep/file"), "x").has_value());
  ASSERT_TRUE(MakeDirs(Path("tree/deep")).has_value());
  ASSERT_EQ(symlink(Path("keep").c_str(), Path("tree/deep/link").c_str()), 0);
  EXPECT_TRUE(RemoveTree(Path("tree")).has_value());
  EXPECT_FALSE(PathExists(Path("tree")));
  EXPECT_TRUE(PathExists(Path("keep/file")));
  EXPECT_TRUE(RemoveTree(Path("tree")).has_value()) << "absent is success";
}

TEST_F(FileIo, ErrorsNameThePath) {
  auto missing = ReadFile(Path("none"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().message().find("none"), std::string::npos);
  EXPECT_EQ(missing.error().sys_errno(), ENOENT);
}

}  // namespace
}  // namespace onggi
