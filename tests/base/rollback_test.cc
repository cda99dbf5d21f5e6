#include "base/rollback.h"

#include <gtest/gtest.h>

#include <string>

namespace onggi {
namespace {

TEST(Rollback, UndoesInReverse) {
  std::string done;
  {
    Rollback undo;
    undo.Add([&] { done += "a"; });
    undo.Add([&] { done += "b"; });
  }
  EXPECT_EQ(done, "ba");
}

TEST(Rollback, CommitKeepsAll) {
  std::string done;
  {
    Rollback undo;
    undo.Add([&] { done += "a"; });
    undo.Commit();
    undo.Add([&] { done += "later"; });
  }
  EXPECT_EQ(done, "later");
}

}  // namespace
}  // namespace onggi
