#include "image/reference.h"

#include <algorithm>

#include "base/id.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr std::string_view kDefaultDomain = "docker.io";
constexpr std::string_view kOfficialPrefix = "library/";
constexpr size_t kMaxName = 255;
constexpr size_t kMaxTag = 128;

bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsAlnum(char c) {
  return IsLower(c) || IsUpper(c) || IsDigit(c);
}

bool IsPathComponent(std::string_view text) {
  size_t i = 0;
  while (true) {
    size_t start = i;
    while (i < text.size() && (IsLower(text[i]) || IsDigit(text[i]))) ++i;
    if (i == start) return false;
    if (i == text.size()) return true;
    start = i;
    while (i < text.size() && text[i] == text[start]) ++i;
    size_t run = i - start;
    bool is_separator =
        text[start] == '-' || (text[start] == '.' && run == 1) || (text[start] == '_' && run <= 2);
    if (!is_separator) return false;
  }
}

bool IsHostLabel(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return IsAlnum(c) || c == '-'; });
}

bool IsPort(std::string_view text) {
  auto port = ParseUint(text);
  return port && *port > 0 && *port <= 65535 && text.size() <= 5;
}

bool IsDomain(std::string_view text) {
  if (text.starts_with('[')) {  // [::1]:5000
    size_t end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    std::string_view address = text.substr(1, end - 1);
    bool hex = std::all_of(address.begin(), address.end(), [](char c) {
      return IsDigit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
    std::string_view rest = text.substr(end + 1);
    return hex && (rest.empty() || (rest.front() == ':' && IsPort(rest.substr(1))));
  }
  size_t colon = text.find(':');
  if (colon != std::string_view::npos && !IsPort(text.substr(colon + 1))) return false;
  for (std::string_view label : Split(text.substr(0, colon), '.')) {
    if (!IsHostLabel(label)) return false;
  }
  return true;
}

// The first component is a host when it can't be a path component of Docker's: it has a dot, a
// port, upper-case letters, or is "localhost".
bool LooksLikeDomain(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:[") != std::string_view::npos ||
         std::any_of(first.begin(), first.end(), IsUpper);
}

Error Invalid(std::string_view text, const std::string& why) {
  constexpr size_t kShown = 300;
  return InvalidArgument("invalid image reference " + Quote(text.substr(0, kShown)) + ": " + why);
}

Result<> CheckPath(std::string_view whole, std::string_view path) {
  if (path.empty()) return Invalid(whole, "it names no repository");
  if (std::any_of(path.begin(), path.end(), IsUpper)) {
    return Invalid(whole, "repository names are lower-case");
  }
  for (std::string_view component : Split(path, '/')) {
    if (!IsPathComponent(component)) {
      return Invalid(whole, "repository component " + Quote(component) +
                                " is not letters and digits joined by '.', '_', '__' or '-'");
    }
  }
  return Ok();
}

// Cuts "scheme://"; an http one is refused, because a reference does not decide about encryption.
Result<std::string_view> CutScheme(std::string_view text) {
  size_t at = text.find("://");
  if (at == std::string_view::npos) return text;
  std::string_view scheme = text.substr(0, at);
  if (scheme == "http") {
    return Invalid(text,
                   "plain http is allowed in the configuration (registry.mirrors), "
                   "not in a reference");
  }
  if (scheme != "https" && scheme != "docker") {
    return Invalid(text, "unknown scheme " + Quote(scheme));
  }
  std::string_view rest = text.substr(at + 3);
  size_t slash = rest.find('/');
  if (slash == std::string_view::npos || !IsDomain(rest.substr(0, slash))) {
    if (scheme == "https") return Invalid(text, "a URL needs a host and a repository");
  }
  return rest;
}

}  // namespace

bool IsTag(std::string_view text) {
  if (text.empty() || text.size() > kMaxTag) return false;
  if (!IsAlnum(text.front()) && text.front() != '_') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlnum(c) || c == '_' || c == '.' || c == '-'; });
}

Result<Reference> Reference::ParseRepository(std::string_view text) {
  constexpr size_t kMaxText = 1024;
  if (text.empty()) return InvalidArgument("empty image reference");
  if (text.size() > kMaxText) return Invalid(text, "it is too long");
  TRY_ASSIGN(std::string_view rest, CutScheme(text));
  Reference reference;
  if (size_t at = rest.find('@'); at != std::string_view::npos) {
    auto digest = Digest::Parse(rest.substr(at + 1));
    if (!digest) return Invalid(text, digest.error().message());
    reference.digest_ = *std::move(digest);
    rest = rest.substr(0, at);
  }
  size_t slash = rest.rfind('/');
  size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    std::string_view tag = rest.substr(colon + 1);
    if (!IsTag(tag)) return Invalid(text, "invalid tag " + Quote(tag));
    if (reference.digest_.empty()) reference.tag_ = tag;
    rest = rest.substr(0, colon);
  }
  size_t first = rest.find('/');
  if (first != std::string_view::npos && LooksLikeDomain(rest.substr(0, first))) {
    reference.domain_ = rest.substr(0, first);
    rest = rest.substr(first + 1);
    if (!IsDomain(reference.domain_)) return Invalid(text, "invalid host");
  } else {
    reference.domain_ = kDefaultDomain;
  }
  TRY(CheckPath(text, rest));
  if (reference.domain_ == "index.docker.io" || reference.domain_ == "registry-1.docker.io") {
    reference.domain_ = kDefaultDomain;
  }
  if (reference.domain_ == kDefaultDomain && rest.find('/') == std::string_view::npos) {
    reference.path_ = std::string(kOfficialPrefix) + std::string(rest);
  } else {
    reference.path_ = rest;
  }
  if (reference.Repository().size() > kMaxName) {
    return Invalid(text, "the name has more than 255 characters");
  }
  return reference;
}

Result<Reference> Reference::Parse(std::string_view text) {
  // 64 hex digits would be taken for an image id by everything that takes both.
  if (text.size() == 64 && IsIdPrefix(text)) {
    return Invalid(text, "64 hex digits are an image id, not a name");
  }
  TRY_ASSIGN(Reference reference, ParseRepository(text));
  if (reference.tag_.empty() && reference.digest_.empty()) reference.tag_ = "latest";
  return reference;
}

std::string Reference::Text() const {
  if (!digest_.empty()) return Repository() + "@" + digest_.text();
  return tag_.empty() ? Repository() : Repository() + ":" + tag_;
}

std::string Reference::FamiliarRepository() const {
  if (domain_ != kDefaultDomain) return Repository();
  std::string_view path = path_;
  if (path.starts_with(kOfficialPrefix) &&
      path.find('/', kOfficialPrefix.size()) == std::string_view::npos) {
    path.remove_prefix(kOfficialPrefix.size());
  }
  return std::string(path);
}

std::string Reference::Familiar() const {
  if (!digest_.empty()) return FamiliarRepository() + "@" + digest_.text();
  return tag_.empty() ? FamiliarRepository() : FamiliarRepository() + ":" + tag_;
}

Reference Reference::WithDigest(const Digest& digest) const {
  Reference other = *this;
  other.tag_.clear();
  other.digest_ = digest;
  return other;
}

Reference Reference::WithTag(const std::string& tag) const {
  Reference other = *this;
  other.tag_ = tag;
  other.digest_ = Digest();
  return other;
}

std::optional<std::string> IdPrefix(std::string_view text) {
  if (text.starts_with("sha256:")) text.remove_prefix(7);
  if (!IsIdPrefix(text)) return std::nullopt;
  return std::string(text);
}

}  // namespace onggi
