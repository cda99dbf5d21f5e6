// Reference: the name of an image as people type it, normalised as Docker does.
//
//   "nginx"                       docker.io/library/nginx:latest
//   "localhost:5000/a/b:1"        localhost:5000/a/b:1
//   "quay.io/x/y@sha256:..."      quay.io/x/y@sha256:... (a tag before the digest is dropped)
//   "https://host/path:tag"       host/path:tag
//
// Grammar: the distribution project's (lower-case path, tag of at most 128 characters, 255 for the
// name).
//
// Thread-safety: a value. All strings in it are safe as parts of a URL path.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "image/digest.h"

namespace onggi {

class Reference {
 public:
  // InvalidArgument quoting TEXT and saying what is wrong with it.
  static Result<Reference> Parse(std::string_view text);
  // The same without the default tag: tag() and digest() may both be empty.
  static Result<Reference> ParseRepository(std::string_view text);

  const std::string& domain() const { return domain_; }  // "docker.io", "localhost:5000"
  const std::string& path() const { return path_; }      // "library/nginx"
  const std::string& tag() const { return tag_; }        // "" when there is a digest
  const Digest& digest() const { return digest_; }

  std::string Repository() const { return domain_ + "/" + path_; }
  std::string Text() const;  // the normal form, what the store keeps
  // As Docker shows it: without docker.io/ and library/.
  std::string Familiar() const;
  std::string FamiliarRepository() const;
  // What a registry is asked for: the digest or the tag.
  std::string Selector() const { return digest_.empty() ? tag_ : digest_.text(); }

  Reference WithDigest(const Digest& digest) const;
  Reference WithTag(const std::string& tag) const;

  friend bool operator==(const Reference&, const Reference&) = default;

 private:
  std::string domain_;
  std::string path_;
  std::string tag_;
  Digest digest_;
};

// Hex digits of an image id or the beginning of one, when TEXT may be that ("sha256:" before it is
// fine). Whether it names an image is for the store to say: a name of the same letters goes first.
std::optional<std::string> IdPrefix(std::string_view text);

bool IsTag(std::string_view text);

}  // namespace onggi
