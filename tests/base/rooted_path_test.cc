#include "base/rooted_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/file_io.h"
#include "tests/support/canary.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::Canary;
using testing::FailsWith;
using testing::IsOk;
using testing::TempTree;

class RootedPathTest : public ::testing::Test {
 protected:
  RootedPathTest() {
    tree_.File("outside/secret", "outside");
    tree_.File("root/etc/passwd", "inside");
    tree_.File("root/outside/secret", "inside");
    root_ = Open(tree_ / "root", O_PATH | O_DIRECTORY).value();
    canary_.emplace(tree_ / "outside");
  }
  ~RootedPathTest() override { EXPECT_EQ(canary_->Changes(), ""); }

  // The bytes behind PATH, or the errno's name.
  std::string Read(std::string_view path) {
    auto fd = RootedPath(root_.get()).Open(path, O_RDONLY);
    if (!fd) return strerrorname_np(fd.error().sys_errno());
    return ReadAll(fd->get()).value_or("directory");
  }

  TempTree tree_;
  UniqueFd root_;
  std::optional<Canary> canary_;
};

TEST_F(RootedPathTest, RefusesToLeaveTheRoot) {
  tree_.Symlink("root/abs", tree_ / "outside");
  tree_.Symlink("root/up", "../outside");
  tree_.Symlink("root/far", "../../../../../../../../etc");
  tree_.Symlink("root/etc/nested", "../../outside");
  tree_.Symlink("root/proc", "/proc/self/root");
  EXPECT_EQ(Read("../outside/secret"), "inside");
  EXPECT_EQ(Read("/../../outside/secret"), "inside");
  EXPECT_EQ(Read("etc/../../outside/secret"), "inside");
  EXPECT_EQ(Read("up/secret"), "inside");
  EXPECT_EQ(Read("etc/nested/secret"), "inside");
  EXPECT_EQ(Read("far/passwd"), "inside");
  EXPECT_EQ(Read("abs/secret"), "ENOENT");
  EXPECT_EQ(Read("proc/etc/passwd"), "ELOOP");  // inside the root the link names itself
}

TEST_F(RootedPathTest, RefusesMagicLinks) {
  UniqueFd proc = Open("/proc", O_PATH | O_DIRECTORY).value();
  EXPECT_THAT(RootedPath(proc.get()).Open("self/root/etc", O_PATH), FailsWith(Code::kInternal));
  EXPECT_EQ(RootedPath(proc.get()).Open("self/cwd", O_PATH).error().sys_errno(), ELOOP);
}

TEST_F(RootedPathTest, OpenNoLinksRefusesEveryLink) {
  tree_.Symlink("root/link", "etc");
  RootedPath root(root_.get());
  EXPECT_THAT(root.OpenNoLinks("etc/passwd", O_RDONLY), IsOk());
  EXPECT_EQ(root.OpenNoLinks("link/passwd", O_RDONLY).error().sys_errno(), ELOOP);
  EXPECT_EQ(root.OpenNoLinks("link", O_RDONLY).error().sys_errno(), ELOOP);
}

TEST_F(RootedPathTest, MakesDirectoriesInside) {
  tree_.Symlink("root/up", "../new");
  RootedPath root(root_.get());
  EXPECT_THAT(root.MakeDirs("a/b/../c", 0700), IsOk());
  EXPECT_TRUE(tree_.Exists("root/a/b"));
  EXPECT_TRUE(tree_.Exists("root/a/c"));
  EXPECT_THAT(root.MakeDirs("../../x", 0700), IsOk());
  EXPECT_TRUE(tree_.Exists("root/x"));
  EXPECT_FALSE(tree_.Exists("x"));
  EXPECT_FALSE(root.MakeDirs("up/below", 0700).has_value());
  EXPECT_FALSE(tree_.Exists("new"));
  EXPECT_FALSE(root.MakeDirs("etc/passwd/x", 0700).has_value());
}

TEST_F(RootedPathTest, ParentsAreResolvedNamesAreNot) {
  tree_.Symlink("root/link", "etc");
  RootedPath root(root_.get());
  ONGGI_ASSERT_OK_AND_ASSIGN(RootedPath::Parent parent, root.OpenParent("link/passwd/"));
  EXPECT_EQ(parent.name, "passwd");
  EXPECT_EQ(ReadFileAt(parent.dir.get(), "passwd").value(), "inside");
  ONGGI_ASSERT_OK_AND_ASSIGN(RootedPath::Parent link, root.OpenParent("/link"));
  EXPECT_EQ(link.name, "link");
  for (const char* path : {"", "/", "..", "a/..", "."}) {
    EXPECT_THAT(root.OpenParent(path), FailsWith(Code::kInvalidArgument)) << path;
  }
}

TEST_F(RootedPathTest, RefusesNulBytes) {
  std::string path("etc\0/passwd", 11);
  EXPECT_THAT(RootedPath(root_.get()).Open(path, O_RDONLY), FailsWith(Code::kInvalidArgument));
}

// A directory and a link that points out change places while paths are resolved.
TEST_F(RootedPathTest, StaysInsideWhileLinksRace) {
  tree_.File("root/swap/secret", "inside");
  tree_.Symlink("root/evil", tree_ / "outside");
  std::atomic<bool> stop{false};
  std::thread racer([&] {
    while (!stop) {
      (void)renameat2(root_.get(), "swap", root_.get(), "evil", RENAME_EXCHANGE);
    }
  });
  for (int i = 0; i < 2000; ++i) {
    std::string seen = Read("etc/../swap/secret");
    EXPECT_NE(seen, "outside");
  }
  stop = true;
  racer.join();
}

TEST_F(RootedPathTest, ProcFdPathLeadsToTheInode) {
  EXPECT_EQ(ReadFile(ProcFdPath(root_.get()) + "/etc/passwd").value(), "inside");
}

}  // namespace
}  // namespace onggi
