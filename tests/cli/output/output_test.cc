#include <gtest/gtest.h>

#include "cli/output/human.h"
#include "cli/output/table.h"

namespace onggi::cli {
namespace {

TEST(Table, AlignsColumnsWithoutTrailingBlanks) {
  Table table({"NAME", "SIZE", "NOTE"});
  table.Add({"a-long-name", "1", ""});
  table.Add({"b", "22222", "x"});
  EXPECT_EQ(table.Render(), "NAME         SIZE   NOTE\na-long-name  1\nb            22222  x\n");
}

TEST(Table, CountsCharactersNotBytes) {
  Table table({"N", "M"});
  table.Add({"옹기", "x"});
  EXPECT_EQ(table.Render(), "N   M\n옹기  x\n");
}

TEST(Human, SizesHaveThreeDigitsAndDecimalUnits) {
  EXPECT_EQ(HumanSize(0), "0B");
  EXPECT_EQ(HumanSize(999), "999B");
  EXPECT_EQ(HumanSize(1000), "1.0kB");
  EXPECT_EQ(HumanSize(77'912'345), "77.9MB");
  EXPECT_EQ(HumanSize(123'456'789), "123MB");
}

TEST(Human, AgesAreInTheLargestUnit) {
  constexpr int64_t kSecond = 1'000'000'000;
  EXPECT_EQ(HumanAge(kSecond, 2 * kSecond), "1 second ago");
  EXPECT_EQ(HumanAge(kSecond, 1 + 7200 * kSecond + kSecond), "2 hours ago");
  EXPECT_EQ(HumanAge(0, kSecond), "N/A");
}

TEST(Human, NamesAreShortAsPeopleTypeThem) {
  EXPECT_EQ(FamiliarName("docker.io/library/busybox:latest"), "busybox:latest");
  EXPECT_EQ(FamiliarName("docker.io/some/thing:1"), "some/thing:1");
  EXPECT_EQ(FamiliarName("localhost:5000/a:1"), "localhost:5000/a:1");
  EXPECT_EQ(ShortId("sha256:0123456789abcdef"), "0123456789ab");
}

}  // namespace
}  // namespace onggi::cli
