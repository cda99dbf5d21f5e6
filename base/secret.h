// Secret: a password, token or key. It has no conversion to a string, no operator<< and no
// LogField, so it can't reach a log, an event, an error or a database by accident; Reveal() is easy
// to search for.
#pragma once

#include <string>
#include <utility>

namespace onggi {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  ~Secret() { Wipe(); }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;

  bool empty() const { return value_.empty(); }
  // Only to put it on the wire.
  const std::string& Reveal() const { return value_; }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  void Wipe() {
    volatile char* bytes = value_.data();
    for (size_t i = 0; i < value_.size(); ++i) bytes[i] = 0;
  }
  std::string value_;
};

}  // namespace onggi
