#include "image/registry/challenge.h"

#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxChallenges = 16;
constexpr size_t kMaxParameters = 32;

bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool AtEnd() const { return rest_.empty(); }
  char Peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  void Skip(std::string_view set) {
    while (!rest_.empty() && set.find(rest_.front()) != std::string_view::npos) {
      rest_.remove_prefix(1);
    }
  }
  bool Take(char c) {
    if (Peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string Token() {
    size_t size = 0;
    while (size < rest_.size() && IsTokenChar(rest_[size])) ++size;
    std::string token(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return token;
  }
  // After the opening quote; false when it is never closed.
  bool QuotedRest(std::string& value) {
    while (!rest_.empty()) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\' && !rest_.empty()) {
        c = rest_.front();
        rest_.remove_prefix(1);
      }
      value += c;
    }
    return false;
  }

 private:
  std::string_view rest_;
};

bool ReadValue(Reader& reader, std::string& value) {
  if (reader.Take('"')) return reader.QuotedRest(value);
  value = reader.Token();
  return true;
}

}  // namespace

std::vector<AuthChallenge> ParseChallenges(std::string_view header) {
  std::vector<AuthChallenge> challenges;
  Reader reader(header);
  while (true) {
    reader.Skip(" \t,");
    if (reader.AtEnd()) return challenges;
    std::string word = reader.Token();
    if (word.empty()) return challenges;
    reader.Skip(" \t");
    if (!reader.Take('=')) {  // a word alone begins the next challenge
      if (challenges.size() == kMaxChallenges) return challenges;
      challenges.push_back({.scheme = ToLower(word), .parameters = {}});
      continue;
    }
    reader.Skip(" \t");
    std::string value;
    if (challenges.empty() || !ReadValue(reader, value)) return challenges;
    auto& parameters = challenges.back().parameters;
    if (parameters.size() < kMaxParameters) parameters.emplace(ToLower(word), std::move(value));
  }
}

}  // namespace onggi
