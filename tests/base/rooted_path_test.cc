#include "base/rooted_path.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/temp_dir.h"

namespace onggi {
namespace {

class RootedPathTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto dir = TempDir::Make();
    ASSERT_TRUE(dir.has_value());
    dir_.emplace(std::move(dir).value());
    ASSERT_TRUE(MakeDirs(dir_->path() + "/root/etc").has_value());
    ASSERT_TRUE(WriteFileAtomic(dir_->path() + "/secret", "outside").has_value());
    ASSERT_TRUE(WriteFileAtomic(dir_->path() + "/root/secret", "inside").has_value());
    root_ = Open(dir_->path() + "/root", O_PATH | O_DIRECTORY).value();
  }
  void Link(const std::string& target, const std::string& name) {
    ASSERT_EQ(symlink(target.c_str(), (dir_->path() + "/root/" + name).c_str()), 0);
  }
  std::string Content(const std::string& path) {
    auto fd = RootedPath(root_.get()).Open(path, O_RDONLY);
    return fd.has_value() ? ReadAll(fd->get()).value()
                          : "errno " + std::to_string(fd.error().sys_errno());
  }
  std::optional<TempDir> dir_;
  UniqueFd root_;
};

TEST_F(RootedPathTest, DotsStopAtTheRoot) {
  EXPECT_EQ(Content("../secret"), "inside");
  EXPECT_EQ(Content("/etc/../../../secret"), "inside");
}

TEST_F(RootedPathTest, AbsoluteLinksMeanTheRootsOwn) {
  Link("/secret", "link");
  Link("../../secret", "etc/climb");
  EXPECT_EQ(Content("link"), "inside");
  EXPECT_EQ(Content("etc/climb"), "inside");
}

TEST_F(RootedPathTest, MagicLinksAreRefused) {
  Link("/proc/self/root", "magic");
  ASSERT_TRUE(MakeDirs(dir_->path() + "/root/proc").has_value());
  auto fd = RootedPath(root_.get()).Open("magic", O_PATH);
  EXPECT_FALSE(fd.has_value());
}

TEST_F(RootedPathTest, OpenNoLinksRefusesEveryLink) {
  Link("etc", "alias");
  EXPECT_EQ(RootedPath(root_.get()).OpenNoLinks("alias", O_PATH).error().sys_errno(), ELOOP);
}

TEST_F(RootedPathTest, MakeDirsStaysInside) {
  Link("/etc", "alias");
  ASSERT_TRUE(RootedPath(root_.get()).MakeDirs("alias/new/deep", 0755).has_value());
  EXPECT_TRUE(PathExists(dir_->path() + "/root/etc/new/deep"));
  ASSERT_TRUE(RootedPath(root_.get()).MakeDirs("../../up", 0755).has_value());
  EXPECT_TRUE(PathExists(dir_->path() + "/root/up"));
  EXPECT_FALSE(PathExists(dir_->path() + "/up"));
}

TEST_F(RootedPathTest, OpenParentRefusesWhatNamesNoEntry) {
  RootedPath root(root_.get());
  EXPECT_EQ(root.OpenParent("etc/passwd").value().name, "passwd");
  for (const char* path : {"", "/", "..", "etc/.."})
    EXPECT_FALSE(root.OpenParent(path).has_value()) << path;
}

TEST_F(RootedPathTest, ANulByteIsRefused) {
  EXPECT_EQ(RootedPath(root_.get()).Open(std::string("etc\0x", 5), O_PATH).error().code(),
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace onggi
