#include "base/strings.h"

#include <gtest/gtest.h>

namespace onggi {
namespace {

using Views = std::vector<std::string_view>;

TEST(Strings, SplitKeepsEmptyParts) {
  EXPECT_EQ(Split("a,,b", ','), (Views{"a", "", "b"}));
  EXPECT_EQ(Split("", ','), (Views{""}));
  EXPECT_EQ(Split(",", ','), (Views{"", ""}));
  EXPECT_EQ(Join({"a", "", "b"}, ", "), "a, , b");
  EXPECT_EQ(Join({}, ","), "");
}

TEST(Strings, TrimAndLower) {
  EXPECT_EQ(Trim(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(Trim(" \n"), "");
  EXPECT_EQ(ToLower("AbZ\xC4"), "abz\xC4");
}

TEST(Strings, NumbersAreWholeOrNone) {
  EXPECT_EQ(ParseUint("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(ParseUint("007"), 7u);
  EXPECT_EQ(ParseInt("-9223372036854775808"), INT64_MIN);
  for (const char* text :
       {"", " 1", "1 ", "+1", "-1", "0x1", "1a", "18446744073709551616", "--1"}) {
    EXPECT_FALSE(ParseUint(text).has_value()) << text;
  }
  for (const char* text : {"", "+1", "-", "9223372036854775808", "1.0"}) {
    EXPECT_FALSE(ParseInt(text).has_value()) << text;
  }
}

TEST(Strings, QuotedTextStaysOnOneLine) {
  EXPECT_EQ(Quote("plain"), "'plain'");
  EXPECT_EQ(Quote(std::string("a'\\\n\x7f\0", 6)), "'a\\'\\\\\\x0a\\x7f\\x00'");
}

}  // namespace
}  // namespace onggi
