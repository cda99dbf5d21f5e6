#include "runtime/monitor/state_file.h"

#include <gtest/gtest.h>

#include "base/file_io.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::IsOk;

class StateDirectoryTest : public ::testing::Test {
 protected:
  testing::TempTree tree_;
  std::string path_ = tree_.Dir("run");
};

TEST_F(StateDirectoryTest, ContentIsReplacedWhole) {
  auto state = StateDirectory::Open(path_);
  ASSERT_THAT(state, IsOk());
  ASSERT_THAT(state->Write("c.json", "a long first version"), IsOk());
  ASSERT_THAT(state->Write("c.json", "short"), IsOk());
  EXPECT_EQ(tree_.Read("run/c.json"), "short");
  EXPECT_FALSE(tree_.Exists("run/.c.json.new"));
  state->Remove("c.json");
  state->Remove("c.json");
  EXPECT_FALSE(tree_.Exists("run/c.json"));
}

TEST_F(StateDirectoryTest, LinkInTheWayIsReplacedAndNotFollowed) {
  auto state = StateDirectory::Open(path_);
  ASSERT_THAT(state, IsOk());
  tree_.File("secret", "untouched");
  tree_.Symlink("run/c.json", tree_ / "secret");
  ASSERT_THAT(state->Write("c.json", "new"), IsOk());
  tree_.Symlink("run/.d.json.new", tree_ / "secret");
  EXPECT_FALSE(state->Write("d.json", "new"));
  EXPECT_EQ(tree_.Read("secret"), "untouched");
  EXPECT_EQ(tree_.Read("run/c.json"), "new");
}

TEST_F(StateDirectoryTest, RemovedDirectoryIsNoticedAndItsSuccessorNotWritten) {
  auto state = StateDirectory::Open(path_);
  ASSERT_THAT(state, IsOk());
  EXPECT_TRUE(state->Exists());
  ASSERT_THAT(RemoveTree(path_), IsOk());
  tree_.Dir("run");
  EXPECT_FALSE(state->Exists());
  EXPECT_FALSE(state->Write("c.json", "x"));
  EXPECT_FALSE(tree_.Exists("run/c.json"));
}

}  // namespace
}  // namespace onggi
