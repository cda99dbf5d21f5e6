#include "runtime/kernel/procfs.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

// The exit code of STEP in a child with its own mounts.
int InOwnMounts(const std::function<int()>& step) {
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0) _exit(100);
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(101);
    _exit(step());
  }
  int status = 0;
  (void)waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Procfs, WritesAndReadsBack) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const Procfs procfs, Procfs::Open());
  EXPECT_THAT(procfs.WriteAndVerify("self/oom_score_adj", "7"), ::onggi::testing::IsOk());
  EXPECT_THAT(procfs.WriteAndVerify("self/oom_score_adj", "5"), ::onggi::testing::IsOk());
}

TEST(Procfs, RefusesTmpfsInItsPlace) {
  EXPECT_EQ(InOwnMounts([] {
              if (mount("tmpfs", "/proc", "tmpfs", 0, nullptr) != 0) return 1;
              const Result<Procfs> procfs = Procfs::Open();
              return !procfs && procfs.error().code() == Code::kFailedPrecondition ? 0 : 2;
            }),
            0);
}

TEST(Procfs, RefusesAPartOfItselfInItsPlace) {
  EXPECT_EQ(InOwnMounts([] {
              if (mount("/proc/sys", "/proc", nullptr, MS_BIND, nullptr) != 0) return 1;
              return Procfs::Open() ? 2 : 0;
            }),
            0);
}

TEST(Procfs, RefusesFilesThatAreMountedOver) {
  EXPECT_EQ(
      InOwnMounts([] {
        const Result<Procfs> procfs = Procfs::Open();
        if (mount("/proc/self/comm", "/proc/sys/kernel/hostname", nullptr, MS_BIND, nullptr) != 0) {
          return 1;
        }
        return procfs->Write("sys/kernel/hostname", "x") ? 2 : 0;
      }),
      0);
}

TEST(Procfs, RefusesMagicLinksAndTheWayOut) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const Procfs procfs, Procfs::Open());
  EXPECT_FALSE(procfs.Write("self/root/tmp/x", "y"));
  EXPECT_FALSE(procfs.Write("../tmp/x", "y"));
}

}  // namespace
}  // namespace onggi
