#include "base/json.h"

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

std::string Nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, RefusesWhatIsNone) {
  for (const char* text :
       {"", "{", "{}x", "nul", "\"\x01\"", "\"\xff\"", "[1,]", "1e999", "{\"a\"}"}) {
    EXPECT_THAT(ParseJson(text), FailsWith(Code::kInvalidArgument, "JSON")) << text;
  }
}

TEST(Json, BoundsDepthAndSize) {
  EXPECT_THAT(ParseJson(Nested(64)), IsOk());
  EXPECT_THAT(ParseJson(Nested(65)), FailsWith(Code::kInvalidArgument, "deeper than 64"));
  EXPECT_THAT(ParseJson(Nested(1'000'000), {.bytes = 4 << 20}),
              FailsWith(Code::kInvalidArgument, "deeper"));
  EXPECT_THAT(ParseJson("[1, 2]", {.bytes = 5}), FailsWith(Code::kInvalidArgument, "6 bytes"));
  // Siblings are not depth.
  EXPECT_THAT(ParseJson("[[],[],[],{}]", {.depth = 2}), IsOk());
}

TEST(Json, AccessorsCheckTypes) {
  Json json = ParseJson(R"({"s":"x","n":-3,"u":18446744073709551615,"b":true,"a":["p","q"],
                           "m":{"k":"v"},"z":null,"f":1.5,"mixed":["p",1]})")
                  .value();
  EXPECT_EQ(JsonString(json, "s").value(), "x");
  EXPECT_EQ(JsonString(json, "absent", "d").value(), "d");
  EXPECT_EQ(JsonString(json, "z", "d").value(), "d");
  EXPECT_EQ(JsonInt(json, "n").value(), -3);
  EXPECT_EQ(JsonUint(json, "u").value(), UINT64_MAX);
  EXPECT_TRUE(JsonBool(json, "b").value());
  EXPECT_EQ(JsonStrings(json, "a").value(), (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(JsonStringMap(json, "m").value().at("k"), "v");
  EXPECT_TRUE(JsonArray(json, "absent").value().empty());
  EXPECT_TRUE(JsonObject(json, "absent").value().is_object());

  EXPECT_THAT(JsonString(json, "n"), FailsWith(Code::kInvalidArgument, "n: expected a string"));
  EXPECT_THAT(JsonInt(json, "f"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(JsonInt(json, "u"), FailsWith(Code::kInvalidArgument, "too large"));
  EXPECT_THAT(JsonUint(json, "n"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(JsonBool(json, "s"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(JsonStrings(json, "mixed"), FailsWith(Code::kInvalidArgument, "mixed"));
  EXPECT_THAT(JsonStringMap(json, "a"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(JsonArray(json, "m"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(JsonObject(json, "a"), FailsWith(Code::kInvalidArgument));
}

TEST(Json, MembersOfWhatIsNoObjectAreNull) {
  EXPECT_TRUE(JsonMember(Json(3), "x").is_null());
  EXPECT_TRUE(JsonMember(Json::array(), "x").is_null());
  EXPECT_EQ(JsonString(Json("text"), "x", "d").value(), "d");
}

TEST(Json, DumpsAnyBytes) {
  EXPECT_EQ(DumpJson(Json("a\xff")), "\"a\xEF\xBF\xBD\"");
  OrderedJson ordered;
  ordered["z"] = 1;
  ordered["a"] = 2;
  EXPECT_EQ(DumpJson(ordered), R"({"z":1,"a":2})");
}

}  // namespace
}  // namespace onggi
