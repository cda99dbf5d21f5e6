#include "runtime/monitor/log_file.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

class LogFileTest : public ::testing::Test {
 protected:
  LogFileTest() { tree_.Dir("pods/pod/container"); }
  testing::TempTree tree_;
  std::string path_ = tree_ / "pods/pod/container/0.log";
};

TEST_F(LogFileTest, FileIsMadeForItsOwnerAndGroup) {
  ASSERT_THAT(LogFile::Open(path_), IsOk());
  struct stat st {};
  ASSERT_EQ(stat(path_.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0640U);
}

TEST_F(LogFileTest, ExistingContentIsKept) {
  tree_.File("pods/pod/container/0.log", "before\n");
  auto file = LogFile::Open(path_);
  ASSERT_THAT(file, IsOk());
  file->Append("after\n");
  EXPECT_EQ(tree_.Read("pods/pod/container/0.log"), "before\nafter\n");
}

TEST_F(LogFileTest, LinksOfThePodAreNotFollowed) {
  tree_.File("secret", "untouched");
  tree_.Symlink("pods/pod/container/0.log", tree_ / "secret");
  EXPECT_FALSE(LogFile::Open(path_));
  tree_.Dir("elsewhere");
  tree_.Symlink("pods/pod/linked", tree_ / "elsewhere");
  EXPECT_FALSE(LogFile::Open(tree_ / "pods/pod/linked/0.log"));
  tree_.Dir("elsewhere/container");
  tree_.Symlink("pods/linked", tree_ / "elsewhere");
  EXPECT_FALSE(LogFile::Open(tree_ / "pods/linked/container/0.log"));
  EXPECT_EQ(tree_.Read("secret"), "untouched");
  EXPECT_FALSE(tree_.Exists("elsewhere/0.log"));
}

TEST_F(LogFileTest, LinksOfTheNodeAreFollowed) {
  tree_.Symlink("var", tree_.path());
  EXPECT_THAT(LogFile::Open(tree_ / "var/pods/pod/container/0.log"), IsOk());
}

TEST_F(LogFileTest, OnlyPlainAbsolutePathsAreTaken) {
  for (const char* path : {"", "0.log", "/", "/tmp/../0.log", "/tmp//0.log", "/tmp/./0.log"}) {
    EXPECT_THAT(LogFile::Open(path), FailsWith(Code::kInvalidArgument)) << path;
  }
}

TEST_F(LogFileTest, WhatIsNoPlainFileIsRefused) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(LogFile::Open(path_));
  unlink(path_.c_str());
  tree_.File("other", "untouched");
  ASSERT_EQ(link((tree_ / "other").c_str(), path_.c_str()), 0);
  EXPECT_THAT(LogFile::Open(path_), FailsWith(Code::kInvalidArgument, "second name"));
}

TEST_F(LogFileTest, FailedReopenKeepsTheOldFile) {
  auto file = LogFile::Open(path_);
  ASSERT_THAT(file, IsOk());
  ASSERT_EQ(rename(path_.c_str(), (tree_ / "0.log.old").c_str()), 0);
  ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);
  EXPECT_FALSE(file->Reopen());
  file->Append("still here\n");
  EXPECT_EQ(tree_.Read("0.log.old"), "still here\n");
}

TEST_F(LogFileTest, FullDiskTearsNoRecordAndIsCounted) {
  std::string at = tree_.Dir("small");
  ASSERT_EQ(mount("none", at.c_str(), "tmpfs", 0, "size=64k"), 0);
  {
    auto file = LogFile::Open(at + "/0.log");
    ASSERT_THAT(file, IsOk());
    std::string record(999, 'r');
    record += '\n';
    for (int i = 0; i < 100; ++i) file->Append(record);
    struct stat st {};
    ASSERT_EQ(stat((at + "/0.log").c_str(), &st), 0);
    EXPECT_GT(st.st_size, 50'000);
    EXPECT_EQ(st.st_size % 1000, 0);
    EXPECT_EQ(file->dropped_bytes(), 100'000U - static_cast<uint64_t>(st.st_size));
  }
  EXPECT_EQ(umount(at.c_str()), 0);
}

}  // namespace
}  // namespace onggi
