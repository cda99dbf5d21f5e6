#include "runtime/client/frame_reader.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file_io.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

class FrameReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pair = MakeSocketPair(SOCK_STREAM);
    ASSERT_THAT(pair, IsOk());
    sockets_ = std::move(*pair);
  }
  Result<std::optional<Frame>> Next() { return reader_.Next(sockets_.second.get()); }
  SocketPair sockets_;
  FrameReader reader_{1 << 20};
};

TEST_F(FrameReaderTest, NothingThereIsNoFrameAndNoError) {
  auto frame = Next();
  ASSERT_THAT(frame, IsOk());
  EXPECT_FALSE(frame->has_value());
}

TEST_F(FrameReaderTest, FrameArrivesByteByByte) {
  std::string bytes("\x05\0\0\0hello", 9);
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto before = Next();
    ASSERT_THAT(before, IsOk());
    EXPECT_FALSE(before->has_value());
    ASSERT_THAT(WriteAll(sockets_.first.get(), bytes.substr(i, 1)), IsOk());
  }
  auto frame = Next();
  ASSERT_TRUE(frame && frame->has_value());
  EXPECT_EQ((*frame)->bytes, "hello");
}

TEST_F(FrameReaderTest, DescriptorsStayWithTheirFrame) {
  auto pipe = MakePipe();
  ASSERT_THAT(pipe, IsOk());
  int fds[] = {pipe->read.get(), pipe->write.get()};
  int sock = sockets_.first.get();
  ASSERT_THAT(SendFrame(sock, "plain"), IsOk());
  ASSERT_THAT(SendFrame(sock, "two", fds), IsOk());
  ASSERT_THAT(SendFrame(sock, "plain again"), IsOk());
  ASSERT_THAT(SendFrame(sock, "one", std::span(fds, 1)), IsOk());
  size_t counts[] = {0, 2, 0, 1};
  for (size_t count : counts) {
    auto frame = Next();
    ASSERT_TRUE(frame && frame->has_value());
    EXPECT_EQ((*frame)->fds.size(), count) << (*frame)->bytes;
  }
}

TEST_F(FrameReaderTest, LargeFrameIsWhole) {
  std::string large(900'000, 'l');
  pid_t child = fork();
  if (child == 0) _exit(SendFrame(sockets_.first.get(), large) ? 0 : 1);
  while (true) {
    auto frame = Next();
    ASSERT_THAT(frame, IsOk());
    if (!frame->has_value()) continue;
    EXPECT_EQ((*frame)->bytes, large);
    break;
  }
}

TEST_F(FrameReaderTest, AnnouncedSizeIsBounded) {
  ASSERT_THAT(WriteAll(sockets_.first.get(), std::string("\xff\xff\xff\x7f", 4)), IsOk());
  EXPECT_THAT(Next(), FailsWith(Code::kInvalidArgument));
}

TEST_F(FrameReaderTest, EndOfThePeerIsUnavailable) {
  sockets_.first.reset();
  EXPECT_THAT(Next(), FailsWith(Code::kUnavailable));
}

}  // namespace
}  // namespace onggi
