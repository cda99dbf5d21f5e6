#include "base/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::TempTree;

TEST(FileIo, ReadsUpToTheLimit) {
  TempTree tree;
  std::string path = tree.File("f", std::string(1000, 'x'));
  EXPECT_EQ(ReadFile(path, 1000).value().size(), 1000u);
  EXPECT_THAT(ReadFile(path, 999), FailsWith(Code::kResourceExhausted, path));
  EXPECT_EQ(ReadFile(tree.File("empty")).value(), "");
  EXPECT_THAT(ReadFile(tree / "absent"), FailsWith(Code::kInternal, "absent"));
  EXPECT_EQ(ReadFile(tree / "absent").error().sys_errno(), ENOENT);
}

TEST(FileIo, ReadsFilesOfUnknownSize) {
  EXPECT_NE(ReadFile("/proc/self/status").value().find("Umask"), std::string::npos);
  EXPECT_THAT(ReadFile("/dev/zero", 4096), FailsWith(Code::kResourceExhausted));
}

TEST(FileIo, AtomicWritesReplaceWhole) {
  TempTree tree;
  std::string path = tree.File("f", "old", 0600);
  EXPECT_THAT(WriteFileAtomic(path, "new", 0640, true), IsOk());
  EXPECT_EQ(tree.Read("f"), "new");
  EXPECT_THAT(WriteFileAtomic(tree / "no/such/dir", "x"), FailsWith(Code::kInternal, "no/such"));
  // A directory in the way: the temporary file goes again.
  tree.Dir("d");
  EXPECT_THAT(WriteFileAtomic(tree / "d", "x"), FailsWith(Code::kInternal, "/d"));
  int names = 0;
  for (const char* name : {"f", "d"}) names += tree.Exists(name) ? 1 : 0;
  EXPECT_EQ(names, 2);
  EXPECT_THAT(RemoveFile(path), IsOk());
  EXPECT_THAT(RemoveFile(path), IsOk());
  EXPECT_EQ(rmdir((tree / "d").c_str()), 0);
  EXPECT_EQ(rmdir(tree.path().c_str()), 0) << "something is left";
}

TEST(FileIo, WriteExistingDoesNotCreate) {
  TempTree tree;
  tree.File("f", "12345");
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd dir, Open(tree.path(), O_RDONLY | O_DIRECTORY));
  EXPECT_THAT(WriteExisting(dir.get(), "f", "ab"), IsOk());
  EXPECT_EQ(tree.Read("f"), "ab345");
  EXPECT_THAT(WriteExisting(dir.get(), "absent", "ab"), FailsWith(Code::kInternal, "absent"));
  EXPECT_FALSE(tree.Exists("absent"));
}

TEST(FileIo, FullDisksAreResourceExhausted) {
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd full, Open("/dev/full", O_WRONLY));
  EXPECT_THAT(WriteAll(full.get(), "x"), FailsWith(Code::kResourceExhausted, "No space left"));
}

TEST(FileIo, MakesDirectoriesOnTheWay) {
  TempTree tree;
  EXPECT_THAT(MakeDirs(tree / "a/b/c/", 0700), IsOk());
  EXPECT_THAT(MakeDirs(tree / "a/b/c"), IsOk());
  struct stat st {};
  ASSERT_EQ(stat((tree / "a/b").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0700u);
  tree.File("f");
  EXPECT_THAT(MakeDirs(tree / "f"), FailsWith(Code::kInternal, "Not a directory"));
  EXPECT_THAT(MakeDirs(tree / "f/g"), FailsWith(Code::kInternal, "Not a directory"));
}

TEST(FileIo, OpensCloexec) {
  TempTree tree;
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd fd, Open(tree.File("f"), O_RDONLY));
  EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_TRUE(PathExists(tree / "f"));
  EXPECT_FALSE(PathExists(tree / "g"));
}

}  // namespace
}  // namespace onggi
