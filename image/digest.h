// Digest: the name of some bytes, "sha256:" and 64 lower-case hex digits. Sha256: how it is made.
//
// A digest from outside is parsed before it is used as a path or in a URL, so a Digest object is
// always safe to build both from. The grammar knows sha512 too, but content is accepted by sha256
// only: one hash per byte on every path, and one name per blob.
//
// Thread-safety: Digest is a value; Sha256 belongs to one thread at a time.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct evp_md_ctx_st;

namespace onggi {

class Digest {
 public:
  Digest() = default;  // empty: no digest

  // InvalidArgument unless TEXT is sha256 with 64 or sha512 with 128 lower-case hex digits.
  static Result<Digest> ParseAny(std::string_view text);
  // The same, for content: sha256 only.
  static Result<Digest> Parse(std::string_view text);
  // Of BYTES in memory.
  static Digest Of(std::string_view bytes);

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }  // "sha256:e3b0..."
  std::string_view algorithm() const;                // "sha256", "" when empty
  std::string_view hex() const;

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  friend class Sha256;
  std::string text_;
};

// Streaming SHA-256 (the CPU's instructions where it has them). Finish() may be called once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&& other) noexcept;
  Sha256& operator=(Sha256&& other) noexcept;

  void Update(std::string_view bytes);
  Digest Finish();

 private:
  evp_md_ctx_st* context_;
};

// The OCI chain id of each layer: chain[0] = diff[0], chain[n] = sha256(chain[n-1] + " " +
// diff[n]). Names the committed snapshots.
std::vector<Digest> ChainIds(const std::vector<Digest>& diff_ids);

}  // namespace onggi

template <>
struct std::hash<onggi::Digest> {
  size_t operator()(const onggi::Digest& digest) const noexcept {
    return std::hash<std::string>()(digest.text());
  }
};
