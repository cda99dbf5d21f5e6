#include "image/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"

namespace onggi {
namespace {

constexpr struct {
  std::string_view name;
  size_t hex_digits;
} kAlgorithms[] = {{"sha256", 64}, {"sha512", 128}};

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Fetched once: EVP_sha256() makes OpenSSL 3 look the implementation up on each init.
const EVP_MD* Algorithm() {
  static const EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}

// Quoted and cut: a digest from outside may be megabytes.
std::string Shown(std::string_view text) {
  return Quote(text.substr(0, 160));
}

}  // namespace

Result<Digest> Digest::ParseAny(std::string_view text) {
  size_t colon = text.find(':');
  if (colon == std::string_view::npos) return InvalidArgument("not a digest: " + Shown(text));
  std::string_view hex = text.substr(colon + 1);
  for (const auto& algorithm : kAlgorithms) {
    if (text.substr(0, colon) != algorithm.name) continue;
    if (hex.size() != algorithm.hex_digits || !IsLowerHex(hex)) {
      return InvalidArgument("digest " + Shown(text) + " needs " +
                             std::to_string(algorithm.hex_digits) + " lower-case hex digits");
    }
    Digest digest;
    digest.text_ = text;
    return digest;
  }
  return InvalidArgument("digest " + Shown(text) + " has an unknown algorithm");
}

Result<Digest> Digest::Parse(std::string_view text) {
  TRY_ASSIGN(Digest digest, ParseAny(text));
  if (digest.algorithm() != "sha256") {
    return InvalidArgument("digest " + Shown(text) + ": content is accepted by sha256 only");
  }
  return digest;
}

Digest Digest::Of(std::string_view bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.Finish();
}

std::string_view Digest::algorithm() const {
  return std::string_view(text_).substr(0, std::min(text_.find(':'), text_.size()));
}

std::string_view Digest::hex() const {
  if (text_.empty()) return {};
  return std::string_view(text_).substr(text_.find(':') + 1);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  CHECK(context_ != nullptr);
  CHECK(EVP_DigestInit_ex(context_, Algorithm(), nullptr) == 1);
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(context_);
}

Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Sha256& Sha256::operator=(Sha256&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

void Sha256::Update(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
}

Digest Sha256::Finish() {
  std::array<unsigned char, 32> value;
  unsigned int size = 0;
  CHECK(EVP_DigestFinal_ex(context_, value.data(), &size) == 1 && size == value.size());
  constexpr char kHex[] = "0123456789abcdef";
  Digest digest;
  digest.text_ = "sha256:";
  digest.text_.reserve(7 + 64);
  for (unsigned char byte : value) {
    digest.text_ += kHex[byte >> 4];
    digest.text_ += kHex[byte & 15];
  }
  return digest;
}

std::vector<Digest> ChainIds(const std::vector<Digest>& diff_ids) {
  std::vector<Digest> chain;
  chain.reserve(diff_ids.size());
  for (const Digest& diff_id : diff_ids) {
    if (chain.empty()) {
      chain.push_back(diff_id);
    } else {
      chain.push_back(Digest::Of(chain.back().text() + " " + diff_id.text()));
    }
  }
  return chain;
}

}  // namespace onggi
