#include "base/unique_fd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::IsOk;

bool IsOpen(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

UniqueFd Null() {
  return UniqueFd(open("/dev/null", O_RDWR | O_CLOEXEC));
}

TEST(UniqueFd, ClosesInTheEnd) {
  int number;
  {
    UniqueFd fd = Null();
    number = fd.get();
    EXPECT_TRUE(IsOpen(number));
  }
  EXPECT_FALSE(IsOpen(number));
}

TEST(UniqueFd, MovesAndReleases) {
  UniqueFd a = Null();
  int number = a.get();
  UniqueFd b = std::move(a);
  EXPECT_FALSE(a.valid());  // NOLINT: what a moved-from fd holds is the claim
  EXPECT_EQ(b.get(), number);
  UniqueFd c = Null();
  int other = c.get();
  c = std::move(b);
  EXPECT_FALSE(IsOpen(other));
  EXPECT_EQ(c.Release(), number);
  EXPECT_TRUE(IsOpen(number));
  EXPECT_EQ(close(number), 0);
}

TEST(UniqueFd, CloseTellsAndKeepsErrno) {
  UniqueFd fd = Null();
  EXPECT_THAT(fd.Close(), IsOk());
  EXPECT_THAT(fd.Close(), IsOk());
  UniqueFd again = Null();
  errno = EBUSY;
  again.reset();
  EXPECT_EQ(errno, EBUSY);
}

TEST(UniqueFd, DuplicatesAreCloexecAndNotStandard) {
  UniqueFd fd = Null();
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd copy, fd.Duplicate());
  EXPECT_GE(copy.get(), 3);
  EXPECT_EQ(fcntl(copy.get(), F_GETFD), FD_CLOEXEC);
}

TEST(UniqueFd, PipesAndSocketsAreCloexec) {
  ONGGI_ASSERT_OK_AND_ASSIGN(Pipe pipe, MakePipe(O_NONBLOCK));
  ONGGI_ASSERT_OK_AND_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_SEQPACKET));
  for (int fd : {pipe.read.get(), pipe.write.get(), pair.first.get(), pair.second.get()}) {
    EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  }
  EXPECT_NE(fcntl(pipe.read.get(), F_GETFL) & O_NONBLOCK, 0);
}

}  // namespace
}  // namespace onggi
