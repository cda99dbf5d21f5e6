// Objects whose whole point is when they do something: locks, rollbacks, cancellation, pools, fds.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <atomic>

#include "base/cancel.h"
#include "base/file_io.h"
#include "base/file_lock.h"
#include "base/rollback.h"
#include "base/temp_dir.h"
#include "base/thread_pool.h"
#include "base/unique_fd.h"

namespace onggi {
namespace {

TEST(UniqueFd, ClosesOnceAndMovesOwnership) {
  auto pipe = MakePipe();
  ASSERT_TRUE(pipe.has_value());
  int number = pipe->read.get();
  UniqueFd taken = std::move(pipe->read);
  EXPECT_FALSE(pipe->read.valid());
  EXPECT_EQ(taken.get(), number);
  taken.reset();
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
}

TEST(UniqueFd, DuplicatesAreCloseOnExec) {
  auto pipe = MakePipe();
  ASSERT_TRUE(pipe.has_value());
  auto copy = pipe->read.Duplicate();
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(fcntl(copy->get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  EXPECT_GE(copy->get(), 3);
}

TEST(FileLock, TheSecondIsRefusedWithTheFirstsPid) {
  auto dir = TempDir::Make();
  ASSERT_TRUE(dir.has_value());
  std::string path = dir->path() + "/lock";
  {
    auto first = FileLock::Acquire(path);
    ASSERT_TRUE(first.has_value());
    auto second = FileLock::Acquire(path);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code(), Code::kFailedPrecondition);
    EXPECT_NE(second.error().message().find(std::to_string(getpid())), std::string::npos);
  }
  EXPECT_TRUE(FileLock::Acquire(path).has_value()) << "given back with its owner";
}

TEST(Rollback, UndoesInReverseUnlessCommitted) {
  std::string order;
  {
    Rollback undo;
    undo.Add([&] { order += "1"; });
    undo.Add([&] { order += "2"; });
  }
  EXPECT_EQ(order, "21");
  {
    Rollback undo;
    undo.Add([&] { order += "3"; });
    undo.Commit();
  }
  EXPECT_EQ(order, "21");
}

TEST(CancelToken, TellsCallbacksOnceAndLateOnesAtOnce) {
  CancelSource source;
  int called = 0;
  auto kept = source.token().OnCancel([&] { ++called; });
  {
    auto removed = source.token().OnCancel([&] { called += 100; });
  }
  EXPECT_TRUE(source.token().Check().has_value());
  source.Cancel();
  source.Cancel();
  EXPECT_EQ(called, 1);
  auto late = source.token().OnCancel([&] { ++called; });
  EXPECT_EQ(called, 2);
  EXPECT_EQ(source.token().Check().error().code(), Code::kCancelled);
}

TEST(CancelToken, ADefaultOneIsNeverCancelled) {
  EXPECT_FALSE(CancelToken().cancelled());
}

TEST(ThreadPool, RunsAllThatWasSubmittedBeforeItDies) {
  std::atomic<int> done{0};
  {
    ThreadPool pool(3);
    for (int i = 0; i < 100; ++i) pool.Submit([&] { ++done; });
  }
  EXPECT_EQ(done.load(), 100);
}

TEST(TempDir, GoesWithAllItHolds) {
  std::string path;
  {
    auto dir = TempDir::Make();
    ASSERT_TRUE(dir.has_value());
    path = dir->path();
    ASSERT_TRUE(MakeDirs(path + "/a/b").has_value());
  }
  EXPECT_FALSE(PathExists(path));
}

}  // namespace
}  // namespace onggi
