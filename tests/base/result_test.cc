#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace onggi {
namespace {

Result<std::unique_ptr<int>> Half(int number) {
  if (number % 2 != 0) return InvalidArgument("odd");
  return std::make_unique<int>(number / 2);
}

Result<int> Quarter(int number) {
  TRY_ASSIGN(std::unique_ptr<int> half, Half(number));
  TRY_ASSIGN(std::unique_ptr<int> quarter, Half(*half));
  return *quarter;
}

Result<> Check(int number) {
  TRY(Half(number));
  return Ok();
}

TEST(Result, TryAssignTakesMoveOnlyValues) {
  EXPECT_EQ(Quarter(12).value(), 3);
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(Quarter(6).error().message(), "odd");
  EXPECT_FALSE(Check(3).has_value());
  EXPECT_TRUE(Check(4).has_value());
}

TEST(Result, WrapLeavesSuccessAlone) {
  EXPECT_EQ(Quarter(4).Wrap("context").value(), 1);
  EXPECT_EQ(Quarter(2).Wrap("context").error().message(), "context: odd");
}

TEST(Result, ValueOrGivesTheFallbackOnlyOnError) {
  EXPECT_EQ(Quarter(4).value_or(9), 1);
  EXPECT_EQ(Quarter(5).value_or(9), 9);
}

TEST(ResultDeathTest, ValueOfAnErrorAborts) {
  EXPECT_DEATH((void)Quarter(5).value(), "check failed");
}

}  // namespace
}  // namespace onggi
