#include "image/registry/toml.h"

#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr int kMaxDepth = 16;

bool IsBareKeyChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<TomlTable> Run() {
    TomlTable root;
    TomlTable* current = &root;
    while (true) {
      SkipBlank(true);
      if (AtEnd()) return root;
      if (Take('[')) {
        if (Peek() == '[') return Fail("arrays of tables are not read");
        TRY_ASSIGN(std::vector<std::string> path, KeyPath());
        if (!Take(']')) return Fail("']' expected");
        TRY_ASSIGN(current, Descend(root, path));
      } else {
        TRY(Assignment(*current, 0));
      }
      TRY(EndOfLine());
    }
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    if (c == '\n') ++line_;
    ++at_;
    return true;
  }
  Error Fail(const std::string& what) const {
    return InvalidArgument("line " + std::to_string(line_) + ": " + what);
  }
  // Blanks and comments; line ends too when NEWLINES.
  void SkipBlank(bool newlines) {
    while (!AtEnd()) {
      char c = Peek();
      if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '#') {
        while (!AtEnd() && Peek() != '\n') ++at_;
      } else if (c == '\n' && newlines) {
        Take('\n');
      } else {
        return;
      }
    }
  }
  Result<> EndOfLine() {
    SkipBlank(false);
    if (AtEnd() || Take('\n')) return Ok();
    return Fail("end of line expected");
  }

  Result<std::vector<std::string>> KeyPath() {
    std::vector<std::string> path;
    do {
      SkipBlank(false);
      if (Peek() == '"' || Peek() == '\'') {
        TRY_ASSIGN(std::string key, String());
        path.push_back(std::move(key));
      } else {
        size_t start = at_;
        while (!AtEnd() && IsBareKeyChar(Peek())) ++at_;
        if (at_ == start) return Fail("a key expected");
        path.emplace_back(text_.substr(start, at_ - start));
      }
      SkipBlank(false);
      if (path.size() > kMaxDepth) return Fail("too many levels");
    } while (Take('.'));
    return path;
  }

  // The table at PATH below TABLE, made where it is absent.
  Result<TomlTable*> Descend(TomlTable& table, const std::vector<std::string>& path) {
    TomlTable* at = &table;
    for (const std::string& key : path) {
      TomlValue* found = nullptr;
      for (auto& [name, value] : *at) {
        if (name == key) found = &value;
      }
      if (found == nullptr) found = &at->emplace_back(key, TomlValue{TomlTable{}}).second;
      at = std::get_if<TomlTable>(&found->value);
      if (at == nullptr) return Fail(Quote(key) + " is no table");
    }
    return at;
  }

  Result<> Assignment(TomlTable& table, int depth) {
    TRY_ASSIGN(std::vector<std::string> path, KeyPath());
    if (!Take('=')) return Fail("'=' expected");
    SkipBlank(false);
    TRY_ASSIGN(TomlValue value, Value(depth));
    std::string key = path.back();
    path.pop_back();
    TRY_ASSIGN(TomlTable * target, Descend(table, path));
    if (TomlMember(*target, key) != nullptr) return Fail("key " + Quote(key) + " twice");
    target->emplace_back(std::move(key), std::move(value));
    return Ok();
  }

  Result<TomlValue> Value(int depth) {
    if (depth > kMaxDepth) return Fail("too many levels");
    char c = Peek();
    if (c == '"' || c == '\'') {
      TRY_ASSIGN(std::string text, String());
      return TomlValue{std::move(text)};
    }
    if (Take('[')) return Array(depth);
    if (Take('{')) return InlineTable(depth);
    size_t start = at_;
    while (!AtEnd() && (IsBareKeyChar(Peek()) || Peek() == '+' || Peek() == '.')) ++at_;
    std::string_view word = text_.substr(start, at_ - start);
    if (word == "true") return TomlValue{true};
    if (word == "false") return TomlValue{false};
    if (auto number = ParseInt(word)) return TomlValue{*number};
    return Fail("a string, number, boolean, array or table expected");
  }

  Result<TomlValue> Array(int depth) {
    TomlArray array;
    while (true) {
      SkipBlank(true);
      if (Take(']')) return TomlValue{std::move(array)};
      TRY_ASSIGN(TomlValue value, Value(depth + 1));
      array.push_back(std::move(value));
      SkipBlank(true);
      if (!Take(',') && Peek() != ']') return Fail("',' or ']' expected");
    }
  }

  Result<TomlValue> InlineTable(int depth) {
    TomlTable table;
    SkipBlank(false);
    if (Take('}')) return TomlValue{std::move(table)};
    while (true) {
      TRY(Assignment(table, depth + 1));
      SkipBlank(false);
      if (Take('}')) return TomlValue{std::move(table)};
      if (!Take(',')) return Fail("',' or '}' expected");
    }
  }

  Result<std::string> String() {
    char quote = Peek();
    ++at_;
    if (text_.substr(at_).starts_with(std::string(2, quote))) {
      return Fail("multi-line strings are not read");
    }
    std::string value;
    while (!AtEnd() && Peek() != '\n') {
      char c = Peek();
      ++at_;
      if (c == quote) return value;
      if (c == '\\' && quote == '"') {
        TRY(Escape(value));
      } else {
        value += c;
      }
    }
    return Fail("a string without its end");
  }

  Result<> Escape(std::string& value) {
    constexpr std::string_view kNames = "btnfr\"\\";
    constexpr std::string_view kBytes = "\b\t\n\f\r\"\\";
    size_t known = AtEnd() ? std::string_view::npos : kNames.find(Peek());
    if (known == std::string_view::npos) return Fail("unknown escape in a string");
    value += kBytes[known];
    ++at_;
    return Ok();
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

const TomlValue* TomlMember(const TomlTable& table, std::string_view key) {
  for (const auto& [name, value] : table) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<TomlTable> ParseToml(std::string_view text) {
  if (text.size() > kMaxBytes) return InvalidArgument("more than 1 MiB");
  return Parser(text).Run();
}

}  // namespace onggi
