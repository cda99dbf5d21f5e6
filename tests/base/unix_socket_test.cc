#include "base/unix_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "base/file_io.h"
#include "base/temp_dir.h"

namespace onggi {
namespace {

TEST(Frames, CarryBytesAndFds) {
  auto pair = MakeSocketPair(SOCK_STREAM);
  auto pipe = MakePipe();
  ASSERT_TRUE(pair.has_value() && pipe.has_value());
  int fds[] = {pipe->write.get()};
  ASSERT_TRUE(SendFrame(pair->first.get(), "hello", fds).has_value());
  auto frame = ReceiveFrame(pair->second.get());
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->bytes, "hello");
  ASSERT_EQ(frame->fds.size(), 1u);
  ASSERT_TRUE(WriteAll(frame->fds[0].get(), "x").has_value());
  char byte;
  EXPECT_EQ(read(pipe->read.get(), &byte, 1), 1);
}

TEST(Frames, LargeOnesArriveWhole) {
  auto pair = MakeSocketPair(SOCK_STREAM);
  ASSERT_TRUE(pair.has_value());
  std::string big(5 << 20, 'x');
  std::thread sender([&] { EXPECT_TRUE(SendFrame(pair->first.get(), big).has_value()); });
  auto frame = ReceiveFrame(pair->second.get());
  sender.join();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->bytes, big);
}

TEST(Frames, TheEndIsUnavailableAndALieIsRefused) {
  auto pair = MakeSocketPair(SOCK_STREAM);
  ASSERT_TRUE(pair.has_value());
  ASSERT_TRUE(WriteAll(pair->first.get(), std::string("\xff\xff\xff\xff", 4)).has_value());
  EXPECT_EQ(ReceiveFrame(pair->second.get()).error().code(), Code::kInvalidArgument);
  pair->first.reset();
  EXPECT_EQ(ReceiveFrame(pair->second.get()).error().code(), Code::kUnavailable);
}

TEST(ListenUnix, RefusesAPathThatDoesNotFit) {
  auto socket = ListenUnix("/tmp/" + std::string(200, 'x'), 0600);
  ASSERT_FALSE(socket.has_value());
  EXPECT_EQ(socket.error().code(), Code::kInvalidArgument);
  EXPECT_NE(socket.error().message().find("107"), std::string::npos);
}

TEST(ListenUnix, TellsWhoConnected) {
  auto dir = TempDir::Make();
  ASSERT_TRUE(dir.has_value());
  auto listener = ListenUnix(dir->path() + "/s", 0600);
  ASSERT_TRUE(listener.has_value());
  auto client = ConnectUnix(dir->path() + "/s");
  auto server = AcceptUnix(listener->get());
  ASSERT_TRUE(client.has_value() && server.has_value());
  EXPECT_EQ(PeerUid(server->get()).value(), getuid());
}

}  // namespace
}  // namespace onggi
