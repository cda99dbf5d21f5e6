// Result<T>: a value or an Error. The surface is std::expected's, so that a later switch is one
// header.
//
//   Result<UniqueFd> OpenThing();
//   TRY_ASSIGN(UniqueFd fd, OpenThing());            // returns the Error to our caller
//   TRY(WriteAll(fd.get(), bytes));
//
// A dropped Result is a compile error; a deliberate drop is "(void)" plus the reason.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace onggi {

struct Unit {};

template <typename T = Unit>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // NOLINTNEXTLINE(google-explicit-constructor): "return value;" and "return error;" must both read
  // well
  Result(T value) : rep_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : rep_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool has_value() const { return rep_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    CHECK(has_value());
    return *std::get_if<0>(&rep_);
  }
  const T& value() const& {
    CHECK(has_value());
    return *std::get_if<0>(&rep_);
  }
  T&& value() && {
    CHECK(has_value());
    return std::move(*std::get_if<0>(&rep_));
  }
  Error& error() & {
    CHECK(!has_value());
    return *std::get_if<1>(&rep_);
  }
  const Error& error() const& {
    CHECK(!has_value());
    return *std::get_if<1>(&rep_);
  }
  Error&& error() && {
    CHECK(!has_value());
    return std::move(*std::get_if<1>(&rep_));
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T value_or(T fallback) && { return has_value() ? std::move(*this).value() : std::move(fallback); }

  // Adds context to the error, if there is one: "return Mount(x).Wrap("mount " + name);"
  Result&& Wrap(std::string_view what) && {
    if (!has_value()) std::move(error()).Wrap(what);
    return std::move(*this);
  }

 private:
  std::variant<T, Error> rep_;
};

// The success of a Result<>.
inline Result<> Ok() {
  return Unit{};
}

#define ONGGI_CONCAT_INNER(a, b) a##b
#define ONGGI_CONCAT(a, b) ONGGI_CONCAT_INNER(a, b)

// Returns the error of EXPR from this function, or goes on.
#define TRY(expr)                                                \
  do {                                                           \
    if (auto onggi_result = (expr); !onggi_result.has_value()) { \
      return ::onggi::Error(std::move(onggi_result).error());    \
    }                                                            \
  } while (0)

// Assigns the value of EXPR to LHS (a declaration or an lvalue), or returns its error.
#define TRY_ASSIGN(lhs, ...) \
  ONGGI_TRY_ASSIGN_INNER(ONGGI_CONCAT(onggi_result_, __LINE__), lhs, __VA_ARGS__)
#define ONGGI_TRY_ASSIGN_INNER(tmp, lhs, ...)                          \
  auto tmp = (__VA_ARGS__);                                            \
  if (!tmp.has_value()) return ::onggi::Error(std::move(tmp).error()); \
  lhs = std::move(tmp).value()

}  // namespace onggi
