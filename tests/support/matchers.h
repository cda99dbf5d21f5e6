// Matchers for Result<T>.
//
//   ASSERT_THAT(Open(path), IsOk());                           prints the message when it is not
//   EXPECT_THAT(Remove("x"), FailsWith(Code::kNotFound));
//   EXPECT_THAT(Parse("{"), FailsWith(Code::kInvalidArgument, "byte 1"));
//   ONGGI_ASSERT_OK_AND_ASSIGN(UniqueFd fd, Open(path));       a value, or a fatal failure
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "base/result.h"

namespace onggi {

inline void PrintTo(const Error& error, std::ostream* out) {
  *out << CodeName(error.code()) << ": " << error.message();
}

// Found by argument-dependent lookup: GoogleTest prints a Result as a sentence instead of bytes.
template <typename T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  if (result.has_value()) {
    *out << "ok";
  } else {
    PrintTo(result.error(), out);
  }
}

namespace testing {

class IsOkMatcher {
 public:
  using is_gtest_matcher = void;
  template <typename T>
  bool MatchAndExplain(const Result<T>& result, std::ostream* out) const {
    if (!result.has_value() && out != nullptr) PrintTo(result.error(), out);
    return result.has_value();
  }
  void DescribeTo(std::ostream* out) const { *out << "is ok"; }
  void DescribeNegationTo(std::ostream* out) const { *out << "is an error"; }
};

inline IsOkMatcher IsOk() {
  return {};
}

class FailsWithMatcher {
 public:
  using is_gtest_matcher = void;
  FailsWithMatcher(Code code, std::string_view text) : code_(code), text_(text) {}
  template <typename T>
  bool MatchAndExplain(const Result<T>& result, std::ostream* out) const {
    if (!result.has_value() && out != nullptr) PrintTo(result.error(), out);
    return !result.has_value() && result.error().code() == code_ &&
           result.error().message().find(text_) != std::string::npos;
  }
  void DescribeTo(std::ostream* out) const { Describe("fails with ", out); }
  void DescribeNegationTo(std::ostream* out) const { Describe("does not fail with ", out); }

 private:
  void Describe(std::string_view verb, std::ostream* out) const {
    *out << verb << CodeName(code_);
    if (!text_.empty()) *out << " and a message with \"" << text_ << '"';
  }
  Code code_;
  std::string text_;
};

// TEXT: a part of the message.
inline FailsWithMatcher FailsWith(Code code, std::string_view text = "") {
  return {code, text};
}

}  // namespace testing
}  // namespace onggi

#define ONGGI_ASSERT_OK_AND_ASSIGN(lhs, ...) \
  ONGGI_ASSERT_OK_AND_ASSIGN_INNER(ONGGI_CONCAT(onggi_assert_, __LINE__), lhs, __VA_ARGS__)
#define ONGGI_ASSERT_OK_AND_ASSIGN_INNER(tmp, lhs, ...)          \
  auto tmp = (__VA_ARGS__);                                      \
  ASSERT_TRUE(tmp.has_value()) << ::testing::PrintToString(tmp); \
  lhs = std::move(tmp).value()
