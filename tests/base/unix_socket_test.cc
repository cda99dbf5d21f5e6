#include "base/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "base/file_io.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::TempTree;

TEST(UnixSocket, ConnectsByPath) {
  TempTree tree;
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd listener, ListenUnix(tree / "s", 0660));
  struct stat st {};
  ASSERT_EQ(stat((tree / "s").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0660u);
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd client, ConnectUnix(tree / "s"));
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd server, AcceptUnix(listener.get()));
  EXPECT_EQ(PeerUid(server.get()).value(), geteuid());
  EXPECT_EQ(fcntl(server.get(), F_GETFD), FD_CLOEXEC);
  ASSERT_THAT(SendFrame(client.get(), "hello"), IsOk());
  EXPECT_EQ(ReceiveFrame(server.get()).value().bytes, "hello");
  EXPECT_THAT(ListenUnix(tree / "s", 0600), FailsWith(Code::kInternal, "Address already in use"));
}

TEST(UnixSocket, LongPathsAreRefusedByName) {
  std::string path = "/tmp/" + std::string(103, 'x');
  EXPECT_THAT(ListenUnix(path, 0600), FailsWith(Code::kInvalidArgument, "108 bytes"));
  EXPECT_THAT(ConnectUnix(path), FailsWith(Code::kInvalidArgument, path));
}

TEST(UnixSocket, FramesCarryFds) {
  TempTree tree;
  tree.File("f", "through the socket");
  ONGGI_ASSERT_OK_AND_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd file, Open(tree / "f", O_RDONLY));
  int fds[] = {file.get(), file.get()};
  ASSERT_THAT(SendFrame(pair.first.get(), "one", fds), IsOk());
  ASSERT_THAT(SendFrame(pair.first.get(), "", {}), IsOk());
  ONGGI_ASSERT_OK_AND_ASSIGN(Frame frame, ReceiveFrame(pair.second.get()));
  EXPECT_EQ(frame.bytes, "one");
  ASSERT_EQ(frame.fds.size(), 2u);
  EXPECT_EQ(fcntl(frame.fds[0].get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(ReadAll(frame.fds[0].get()).value(), "through the socket");
  ONGGI_ASSERT_OK_AND_ASSIGN(Frame empty, ReceiveFrame(pair.second.get()));
  EXPECT_EQ(empty.bytes, "");
  EXPECT_TRUE(empty.fds.empty());
}

TEST(UnixSocket, LargeFramesArriveWhole) {
  ONGGI_ASSERT_OK_AND_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  std::string bytes(5'000'000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  std::thread sender([&] { EXPECT_THAT(SendFrame(pair.first.get(), bytes), IsOk()); });
  auto frame = ReceiveFrame(pair.second.get());
  sender.join();
  ASSERT_THAT(frame, IsOk());
  EXPECT_TRUE(frame->bytes == bytes);
  EXPECT_THAT(SendFrame(pair.first.get(), std::string(kMaxFrameBytes + 1, 'x')),
              FailsWith(Code::kInvalidArgument));
}

TEST(UnixSocket, HostileLengthsAreRefused) {
  ONGGI_ASSERT_OK_AND_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  ASSERT_THAT(WriteAll(pair.first.get(), "\xff\xff\xff\xff"), IsOk());
  EXPECT_THAT(ReceiveFrame(pair.second.get()), FailsWith(Code::kInvalidArgument, "4294967295"));
}

// Each byte may bring fds of its own: together they must stay bounded.
TEST(UnixSocket, TooManyFdsAreRefused) {
  ONGGI_ASSERT_OK_AND_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  uint32_t length = 100;
  ASSERT_THAT(WriteAll(pair.first.get(), {reinterpret_cast<char*>(&length), 4}), IsOk());
  for (int i = 0; i < 20; ++i) {
    char byte = 'x';
    int fd = pair.first.get();
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    ASSERT_EQ(sendmsg(pair.first.get(), &message, 0), 1);
  }
  EXPECT_THAT(ReceiveFrame(pair.second.get()), FailsWith(Code::kInvalidArgument, "fds"));
}

TEST(UnixSocket, AGonePeerIsUnavailable) {
  ONGGI_ASSERT_OK_AND_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  ASSERT_THAT(WriteAll(pair.first.get(), {"\x05\0\0\0ab", 6}), IsOk());
  pair.first.reset();
  EXPECT_THAT(ReceiveFrame(pair.second.get()), FailsWith(Code::kUnavailable, "middle"));
  EXPECT_THAT(ReceiveFrame(pair.second.get()), FailsWith(Code::kUnavailable, "gone"));
  EXPECT_THAT(SendFrame(pair.second.get(), "x"), FailsWith(Code::kUnavailable));
}

TEST(UnixSocket, ASilentPeerTimesOut) {
  ONGGI_ASSERT_OK_AND_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  timeval soon{0, 20'000};
  ASSERT_EQ(setsockopt(pair.second.get(), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon), 0);
  EXPECT_THAT(ReceiveFrame(pair.second.get()), FailsWith(Code::kDeadlineExceeded));
}

}  // namespace
}  // namespace onggi
