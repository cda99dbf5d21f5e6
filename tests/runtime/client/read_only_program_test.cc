#include "runtime/client/read_only_program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/child_process.h"
#include "base/file_io.h"
#include "base/rooted_path.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::IsOk;

class ReadOnlyProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto bytes = ReadFile("/bin/sleep");
    ASSERT_THAT(bytes, IsOk());
    ASSERT_THAT(WriteFileAtomic(path_, *bytes, 0755), IsOk());
  }
  testing::TempTree tree_;
  std::string path_ = tree_ / "sleep";
};

TEST_F(ReadOnlyProgramTest, RunsAndCannotBeWrittenThroughItsProcess) {
  auto program = ReadOnlyProgram::Open(path_);
  ASSERT_THAT(program, IsOk());
  auto child =
      ChildProcess::Spawn({.argv = {"/proc/self/fd/3", "100"}, .pass_fds = {(*program)->fd()}});
  ASSERT_THAT(child, IsOk());
  std::string exe = "/proc/" + std::to_string(child->pid()) + "/exe";
  ASSERT_THAT(Open(exe, O_RDONLY), IsOk());
  EXPECT_FALSE(Open(exe, O_RDWR));
  ASSERT_THAT(child->Signal(9), IsOk());
  ASSERT_THAT(child->Wait(), IsOk());
  // Nobody runs it now, so "text file busy" is not what protects it.
  EXPECT_FALSE(Open(ProcFdPath((*program)->fd()), O_RDWR));
}

TEST_F(ReadOnlyProgramTest, SameFileIsOpenedOnceAndAReplacedOneAnew) {
  auto first = ReadOnlyProgram::Open(path_);
  auto again = ReadOnlyProgram::Open(path_);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(*first, *again);
  auto bytes = ReadFile(path_);
  ASSERT_THAT(WriteFileAtomic(path_, *bytes + "x", 0755), IsOk());
  auto replaced = ReadOnlyProgram::Open(path_);
  ASSERT_THAT(replaced, IsOk());
  EXPECT_NE(*first, *replaced);
}

TEST_F(ReadOnlyProgramTest, MissingProgramIsNamed) {
  EXPECT_THAT(ReadOnlyProgram::Open(tree_ / "absent"),
              testing::FailsWith(Code::kInternal, "absent"));
}

}  // namespace
}  // namespace onggi
