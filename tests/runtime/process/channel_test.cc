#include "runtime/process/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

TEST(Channel, CarriesAnErrorWhole) {
  const Message message =
      FailureOf(Stage::kMounts, Error(Code::kInvalidArgument, "mount /x: no", EINVAL));
  const Error error = ErrorOf(message);
  EXPECT_EQ(error.code(), Code::kInvalidArgument);
  EXPECT_EQ(error.sys_errno(), EINVAL);
  EXPECT_EQ(error.message(), "mount /x: no");
}

TEST(Channel, CutsWhatIsTooLong) {
  const std::string text(4096, 'x');
  const Error error = ErrorOf(FailureOf(Stage::kMounts, Internal(text)));
  EXPECT_EQ(error.message().size(), sizeof(Message::detail) - 1);
}

TEST(Channel, RawFailuresNameTheirStage) {
  ONGGI_ASSERT_OK_AND_ASSIGN(const SocketPair pair, MakeSocketPair(SOCK_STREAM));
  SendFailure(pair.second.get(), Stage::kUser, EPERM, "setresuid");
  ONGGI_ASSERT_OK_AND_ASSIGN(const ReceivedMessage received, ReceiveMessage(pair.first.get()));
  EXPECT_EQ(ErrorOf(received.message).message(),
            "change the user: setresuid: Operation not permitted");
}

TEST(Channel, AnUnknownStageIsNoCrash) {
  Message message;
  message.kind = MessageKind::kFailed;
  message.stage = static_cast<Stage>(9999);
  EXPECT_EQ(ErrorOf(message).code(), Code::kInternal);
}

TEST(Channel, ClosedIsNotAMessage) {
  ONGGI_ASSERT_OK_AND_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  pair.second.reset();
  ONGGI_ASSERT_OK_AND_ASSIGN(const ReceivedMessage received, ReceiveMessage(pair.first.get()));
  EXPECT_TRUE(received.closed);
  EXPECT_FALSE(SendMessage(pair.first.get(), Message{}));
}

}  // namespace
}  // namespace onggi
