#include "base/file_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/file_io.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::TempTree;

TEST(FileLock, TheSecondLearnsWhoHoldsIt) {
  TempTree tree;
  std::string path = tree / "lock";
  {
    ONGGI_ASSERT_OK_AND_ASSIGN(FileLock lock, FileLock::Acquire(path));
    EXPECT_THAT(FileLock::Acquire(path),
                FailsWith(Code::kFailedPrecondition, "process " + std::to_string(getpid())));
  }
  EXPECT_THAT(FileLock::Acquire(path), IsOk());
}

TEST(FileLock, GoesWithItsProcess) {
  TempTree tree;
  std::string path = tree / "lock";
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto lock = FileLock::Acquire(path);
    _exit(lock.has_value() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(FileLock::Acquire(path), IsOk());
  EXPECT_EQ(tree.Read("lock"), std::to_string(getpid()) + "\n");
}

TEST(FileLock, NamesThePathItCannotOpen) {
  EXPECT_THAT(FileLock::Acquire("/no/such/dir/lock"), FailsWith(Code::kInternal, "/no/such/dir"));
}

}  // namespace
}  // namespace onggi
