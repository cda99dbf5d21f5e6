#include "image/catalog.h"

#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kHexDigits = 64;

Error NoSuchImage(const std::string& text) {
  return NotFound("image " + Quote(text) + " is not here");
}

}  // namespace

// The image whose id or manifest DIGEST is, or that was pulled by it; below one repository when
// REFERENCE names one.
Catalog::Entry Catalog::ByDigest(const std::string& digest, const Reference* reference) const {
  if (reference == nullptr) {
    if (auto found = images_.find(digest); found != images_.end()) return found->second;
  }
  for (const auto& [name, id] : names_) {
    bool same_repository = reference == nullptr || name == reference->Text() ||
                           name.starts_with(reference->Repository() + ":") ||
                           name.starts_with(reference->Repository() + "@");
    if (!same_repository) continue;
    auto found = images_.find(id);
    if (found == images_.end()) continue;
    if (name.ends_with("@" + digest) || found->second->record.manifest_digest == digest) {
      return found->second;
    }
  }
  return nullptr;
}

Result<Catalog::Entry> Catalog::ByPrefix(const std::string& hex, const std::string& text) const {
  std::string prefix = "sha256:" + hex;
  auto first = images_.lower_bound(prefix);
  if (first == images_.end() || !first->first.starts_with(prefix)) return NoSuchImage(text);
  auto second = std::next(first);
  if (second != images_.end() && second->first.starts_with(prefix)) {
    return InvalidArgument("image id prefix " + Quote(text) + " is ambiguous: " + first->first +
                           ", " + second->first);
  }
  return first->second;
}

Result<Catalog::Entry> Catalog::Find(const std::string& text) const {
  auto hex = IdPrefix(text);
  if (hex && hex->size() == kHexDigits) {
    Entry found = ByDigest("sha256:" + *hex, nullptr);
    if (found == nullptr) return NoSuchImage(text);
    return found;
  }
  auto reference = Reference::Parse(text);
  if (reference) {
    auto name = names_.find(reference->Text());
    if (name != names_.end()) return images_.at(name->second);
    if (!reference->digest().empty()) {
      Entry found = ByDigest(reference->digest().text(), &*reference);
      if (found != nullptr) return found;
    }
  }
  if (hex) return ByPrefix(*hex, text);
  if (!reference) return std::move(reference).error();
  return NotFound("image " + Quote(reference->Text()) + " is not here");
}

Result<std::string> Catalog::FindName(const std::string& text) const {
  TRY_ASSIGN(Reference reference, Reference::Parse(text));
  if (!names_.contains(reference.Text())) {
    return NotFound("no image has the name " + Quote(reference.Text()));
  }
  return reference.Text();
}

}  // namespace onggi
