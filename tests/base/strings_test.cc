#include "base/strings.h"

#include <gtest/gtest.h>

#include "base/id.h"

namespace onggi {
namespace {

TEST(Strings, SplitKeepsEmptyParts) {
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(Split("", ','), (std::vector<std::string_view>{""}));
}

TEST(Strings, ParseUintTakesWholeNumbersOnly) {
  EXPECT_EQ(ParseUint("0042"), 42u);
  for (const char* text : {"", "+1", "-1", " 1", "1 ", "0x1", "18446744073709551616"}) {
    EXPECT_FALSE(ParseUint(text).has_value()) << text;
  }
}

TEST(Strings, QuoteEscapesWhatCouldForgeALine) {
  EXPECT_EQ(Quote("a'b\n\\"), "'a\\'b\\x0a\\\\'");
}

TEST(Strings, TrimTakesBlanksOfBothSides) {
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
}

TEST(Id, IsSixtyFourHexDigitsAndNeverTheSame) {
  EXPECT_EQ(NewId().size(), 64u);
  EXPECT_TRUE(IsIdPrefix(NewId()));
  EXPECT_NE(NewId(), NewId());
  EXPECT_FALSE(IsIdPrefix(""));
  EXPECT_FALSE(IsIdPrefix("web"));
}

}  // namespace
}  // namespace onggi
