#include "base/id.h"

#include <gtest/gtest.h>

#include <set>

namespace onggi {
namespace {

TEST(Id, Is64LowerHexDigits) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    std::string id = NewId();
    EXPECT_EQ(id.size(), 64u);
    EXPECT_TRUE(IsIdPrefix(id));
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_EQ(RandomHex(0), "");
  EXPECT_EQ(RandomHex(300).size(), 600u);
}

TEST(Id, PrefixesAreHexOnly) {
  EXPECT_TRUE(IsIdPrefix("0"));
  EXPECT_TRUE(IsIdPrefix("deadbeef"));
  for (std::string text : {std::string(), std::string("DEAD"), std::string("xyz"),
                           std::string("../a"), std::string(65, 'a')}) {
    EXPECT_FALSE(IsIdPrefix(text)) << text;
  }
}

}  // namespace
}  // namespace onggi
