#include "server/cri/grpc_status.h"

#include <gtest/gtest.h>

namespace onggi {
namespace {

TEST(ToGrpcStatus, KeepsCodeAndMessage) {
  grpc::Status status = ToGrpcStatus(NotFound("container 3f2a"));
  EXPECT_EQ(status.error_code(), grpc::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "container 3f2a");
  EXPECT_EQ(ToGrpcStatus(Error(Code::kUnauthenticated, "x")).error_code(), grpc::UNAUTHENTICATED);
}

TEST(ToGrpcStatus, CutsWhatAClientWouldDrop) {
  std::string message = ToGrpcStatus(Internal(std::string(10'000, 'a'))).error_message();
  EXPECT_EQ(message.size(), kMaxStatusMessage);
  EXPECT_EQ(message.substr(message.size() - 4), " ...");
}

TEST(ToGrpcStatus, DoesNotCutACharacterInTwo) {
  std::string text;
  while (text.size() < 5000) text += "옹기";
  for (int shift = 0; shift < 3; ++shift) {
    std::string message = ToGrpcStatus(Internal(std::string(shift, 'a') + text)).error_message();
    std::string kept = message.substr(0, message.size() - 4);
    EXPECT_LE(message.size(), kMaxStatusMessage);
    EXPECT_EQ((kept.size() - shift) % 3, 0u);
  }
}

}  // namespace
}  // namespace onggi
