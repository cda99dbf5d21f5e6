#include "runtime/kernel/rootfs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

std::string InOwnMounts(const std::function<Result<>()>& step) {
  Result<Pipe> pipe = MakePipe();
  const pid_t child = fork();
  if (child == 0) {
    Result<> done = unshare(CLONE_NEWNS) == 0 ? MakeMountsPrivate() : SysError("unshare");
    if (done) done = step();
    if (!done) (void)WriteAll(pipe->write.get(), done.error().message());
    _exit(done ? 0 : 1);
  }
  pipe->write.reset();
  const Result<std::string> said = ReadAll(pipe->read.get());
  int status = 0;
  (void)waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : "failed: " + *said;
}

class RootfsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < kLayers; ++i) {
      const std::string dir = temp_->path() + "/layer-with-a-rather-long-name-" + std::to_string(i);
      ASSERT_THAT(MakeDirs(dir), ::onggi::testing::IsOk());
      ASSERT_THAT(WriteFileAtomic(dir + "/" + std::to_string(i), "x"), ::onggi::testing::IsOk());
      rootfs_.lower.insert(rootfs_.lower.begin(), dir);
    }
    rootfs_.upper = temp_->path() + "/upper";
    rootfs_.work = temp_->path() + "/work";
    ASSERT_THAT(MakeDirs(rootfs_.upper), ::onggi::testing::IsOk());
    ASSERT_THAT(MakeDirs(rootfs_.work), ::onggi::testing::IsOk());
  }
  // Sees the lowest and the highest layer, and writes.
  static Result<> Check(int root_fd) {
    TRY(ReadFileAt(root_fd, "0"));
    TRY(ReadFileAt(root_fd, std::to_string(kLayers - 1)));
    TRY(OpenAt(root_fd, "new", O_WRONLY | O_CREAT, 0600));
    return Ok();
  }

  static constexpr int kLayers = 120;
  Result<TempDir> temp_ = TempDir::Make();
  spec::Rootfs rootfs_;
};

TEST_F(RootfsTest, MountsMoreLayersThanOnePageOfOptionsHolds) {
  EXPECT_EQ(InOwnMounts([&]() -> Result<> {
              spec::Spec spec;
              spec.rootfs = rootfs_;
              TRY_ASSIGN(const UniqueFd mount, MakeRootMount(spec));
              return Check(mount.get());
            }),
            "");
}

TEST_F(RootfsTest, MountsThemThroughTheOldCallToo) {
  EXPECT_EQ(InOwnMounts([&]() -> Result<> {
              TRY_ASSIGN(const UniqueFd mount, MakeOverlayByMount(rootfs_));
              if (!PathExists("/sys/kernel")) return Internal("/sys stayed covered");
              return Check(mount.get());
            }),
            "");
}

TEST_F(RootfsTest, AViewOfOneLayerIsReadOnly) {
  EXPECT_EQ(InOwnMounts([&]() -> Result<> {
              spec::Spec spec;
              spec.rootfs = spec::Rootfs{.lower = {rootfs_.lower[0]}};
              TRY_ASSIGN(const UniqueFd mount, MakeRootMount(spec));
              const Result<UniqueFd> made = OpenAt(mount.get(), "new", O_WRONLY | O_CREAT, 0600);
              return !made && made.error().sys_errno() == EROFS ? Ok() : Internal("not read-only");
            }),
            "");
}

TEST_F(RootfsTest, EnterRootLeavesNothingOfTheOldOne) {
  for (const bool pivot : {true, false}) {
    EXPECT_EQ(InOwnMounts([&]() -> Result<> {
                spec::Spec spec;
                spec.rootfs = rootfs_;
                TRY_ASSIGN(UniqueFd mount, MakeRootMount(spec));
                TRY_ASSIGN(const UniqueFd root, AttachRoot(std::move(mount), ""));
                TRY(EnterRoot(root.get(), pivot));
                if (PathExists("/proc/self") || PathExists("/../proc")) return Internal("old root");
                TRY(ReadFile("/0"));
                return Ok();
              }),
              "")
        << pivot;
  }
}

}  // namespace
}  // namespace onggi
