#include "image/registry/challenge.h"

#include <gtest/gtest.h>

namespace onggi {
namespace {

TEST(AuthChallenge, ABearerChallengeHasItsParameters) {
  auto list = ParseChallenges(
      R"(Bearer realm="https://auth.x/token",service="x, y",scope="repository:a\"b:pull")");
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].scheme, "bearer");
  EXPECT_EQ(list[0].parameters.at("realm"), "https://auth.x/token");
  EXPECT_EQ(list[0].parameters.at("service"), "x, y");
  EXPECT_EQ(list[0].parameters.at("scope"), "repository:a\"b:pull");
}

TEST(AuthChallenge, SeveralInOneHeaderAreTold) {
  auto list = ParseChallenges("Basic realm=x, BEARER Realm = \"y\" ,service=z, Negotiate");
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].scheme, "basic");
  EXPECT_EQ(list[1].parameters.at("realm"), "y");
  EXPECT_EQ(list[1].parameters.at("service"), "z");
  EXPECT_EQ(list[2].scheme, "negotiate");
}

TEST(AuthChallenge, DamagedHeadersEndTheList) {
  EXPECT_TRUE(ParseChallenges("").empty());
  EXPECT_TRUE(ParseChallenges("=x").empty());
  EXPECT_TRUE(ParseChallenges("realm=\"x\"").empty());
  EXPECT_EQ(ParseChallenges("Bearer realm=\"never closed").size(), 1u);
  EXPECT_LE(ParseChallenges(std::string(10000, 'a') + " b c d").size(), 16u);
}

}  // namespace
}  // namespace onggi
