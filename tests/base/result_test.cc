#include "base/result.h"

#include <memory>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

Result<int> Half(int n) {
  if (n % 2 != 0) return InvalidArgument(std::to_string(n) + " is odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  TRY_ASSIGN(int half, Half(n));
  TRY(Half(half));
  return half / 2;
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_THAT(Half(4), IsOk());
  EXPECT_EQ(*Half(4), 2);
  EXPECT_THAT(Half(3), FailsWith(Code::kInvalidArgument, "3 is odd"));
  EXPECT_EQ(Half(3).value_or(-1), -1);
}

TEST(Result, TryPassesTheErrorOn) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_THAT(Quarter(3), FailsWith(Code::kInvalidArgument, "3 is odd"));
  EXPECT_THAT(Quarter(6), FailsWith(Code::kInvalidArgument, "3 is odd"));
}

TEST(Result, CarriesWhatOnlyMoves) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, WrapTouchesErrorsOnly) {
  EXPECT_EQ(Half(2).Wrap("never").value(), 1);
  EXPECT_THAT(Half(1).Wrap("halve"), FailsWith(Code::kInvalidArgument, "halve: 1 is odd"));
}

TEST(ResultDeathTest, TheWrongHalfAborts) {
  EXPECT_DEATH((void)Half(3).value(), "check failed");
  EXPECT_DEATH((void)Half(2).error(), "check failed");
}

}  // namespace
}  // namespace onggi
