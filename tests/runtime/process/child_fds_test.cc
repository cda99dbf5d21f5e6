#include "runtime/process/child_fds.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "base/file_io.h"

namespace onggi {
namespace {

int InChild(const std::function<int()>& step) {
  const pid_t child = fork();
  if (child == 0) _exit(step());
  int status = 0;
  (void)waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool IsOpen(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

TEST(ChildFds, ClosesAllBut) {
  EXPECT_EQ(InChild([] {
              for (int fd = 3; fd < 40; ++fd) (void)dup2(0, fd);
              if (!CloseAllBut({20, 7, 7, 1})) return 1;
              for (int fd = 0; fd < 3; ++fd) {
                if (!IsOpen(fd)) return 2;
              }
              for (int fd = 3; fd < 40; ++fd) {
                if (IsOpen(fd) != (fd == 7 || fd == 20)) return 3;
              }
              return 0;
            }),
            0);
}

TEST(ChildFds, PlacesStdioInAnyPermutation) {
  EXPECT_EQ(InChild([] {
              int pipes[3][2];
              for (auto& one : pipes) {
                if (pipe(one) != 0) return 1;
              }
              // The write ends become 2, 0 and 1, and are asked for as 0, 1 and 2.
              (void)dup2(pipes[0][1], 2);
              (void)dup2(pipes[1][1], 0);
              (void)dup2(pipes[2][1], 1);
              if (!PlaceStdio({.in = 2, .out = 0, .err = 1})) return 2;
              for (int i = 0; i < 3; ++i) {
                const char letter = static_cast<char>('a' + i);
                char got = 0;
                if (write(i, &letter, 1) != 1 || read(pipes[i][0], &got, 1) != 1) return 3;
                if (got != letter) return 4;
              }
              return 0;
            }),
            0);
}

TEST(ChildFds, AbsentStdioIsTheNullDevice) {
  EXPECT_EQ(InChild([] {
              if (!PlaceStdio({})) return 1;
              char byte = 0;
              return read(0, &byte, 1) == 0 && write(1, &byte, 1) == 1 ? 0 : 2;
            }),
            0);
}

TEST(ChildFds, AnOrphanRefusesToGoOn) {
  EXPECT_EQ(InChild([] { return DieWithParent(getppid()) ? 0 : 1; }), 0);
  EXPECT_EQ(InChild([] { return DieWithParent(getppid() + 1) ? 0 : 1; }), 1);
}

}  // namespace
}  // namespace onggi
