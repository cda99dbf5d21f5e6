#include "base/json.h"

#include <gtest/gtest.h>

namespace onggi {
namespace {

TEST(ParseJson, TellsWhereItIsBroken) {
  auto broken = ParseJson(R"({"a": tru})");
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().code(), Code::kInvalidArgument);
  EXPECT_NE(broken.error().message().find("byte"), std::string::npos);
}

TEST(ParseJson, RefusesDepthAndSizeBeyondTheLimits) {
  std::string deep = std::string(65, '[') + std::string(65, ']');
  EXPECT_FALSE(ParseJson(deep).has_value());
  EXPECT_TRUE(ParseJson(deep.substr(1, 128)).has_value());
  EXPECT_FALSE(ParseJson("[1,2,3]", {.bytes = 3}).has_value());
}

TEST(ParseJson, RefusesTrailingBytes) {
  EXPECT_FALSE(ParseJson("{} x").has_value());
}

TEST(JsonAccess, AbsentAndNullGiveTheDefault) {
  Json json = ParseJson(R"({"n": null})").value();
  EXPECT_EQ(JsonString(json, "n", "d").value(), "d");
  EXPECT_EQ(JsonInt(json, "absent", 7).value(), 7);
  EXPECT_TRUE(JsonBool(json, "absent", true).value());
}

TEST(JsonAccess, AWrongTypeNamesTheKeyAndTheTypeFound) {
  Json json = ParseJson(R"({"a": 1, "b": "x", "c": [1]})").value();
  auto wrong = JsonString(json, "a");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().message(), "a: expected a string, found number");
  EXPECT_FALSE(JsonInt(json, "b").has_value());
  EXPECT_FALSE(JsonStrings(json, "c").has_value());
  EXPECT_FALSE(JsonObject(json, "c").has_value());
}

TEST(JsonAccess, NumbersKeepToTheirRange) {
  Json json = ParseJson(R"({"big": 18446744073709551615, "neg": -1, "frac": 1.5})").value();
  EXPECT_EQ(JsonUint(json, "big").value(), 18446744073709551615ull);
  EXPECT_FALSE(JsonInt(json, "big").has_value());
  EXPECT_FALSE(JsonUint(json, "neg").has_value());
  EXPECT_FALSE(JsonInt(json, "frac").has_value());
}

TEST(DumpJson, InvalidUtf8DoesNotAbort) {
  EXPECT_NE(DumpJson(Json("\xff")), "");
}

}  // namespace
}  // namespace onggi
