#include "image/archive/archive_files.h"

#include <algorithm>

#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxDocument = 4 << 20;
constexpr size_t kMaxFiles = 100'000;
constexpr int kMaxLinks = 16;
constexpr std::string_view kBlobFolder = "blobs/sha256/";

constexpr std::string_view kDocuments[] = {"manifest.json", "index.json", "oci-layout"};
// Of the format before Docker 1.10, still written beside the new one.
constexpr std::string_view kLegacyNames[] = {"repositories", "VERSION", "json"};

bool IsOneOf(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view BaseName(std::string_view name) {
  return name.substr(name.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view DirName(std::string_view name) {
  size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

}  // namespace

Result<std::string> NormalizeArchiveName(std::string_view name) {
  std::vector<std::string> parts;
  for (std::string_view part : Split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (parts.empty()) {
      return InvalidArgument("archive: name " + Quote(name.substr(0, 200)) + " leaves the archive");
    } else {
      parts.pop_back();
    }
  }
  return Join(parts, "/");
}

Result<> ArchiveFiles::ReadAll(TarReader& tar, const CancelToken& cancel) {
  LayerEntry entry;
  while (true) {
    TRY(cancel.Check());
    TRY_ASSIGN(bool more, tar.Next(entry));
    if (!more) return tar.Drain();
    TRY_ASSIGN(std::string name, NormalizeArchiveName(entry.path));
    if (blobs_.size() + links_.size() > kMaxFiles)
      return InvalidArgument("archive: too many files");
    if (entry.type == EntryType::kRegular) {
      TRY(Store(tar, name, entry).Wrap("archive: " + Quote(name)));
    } else if (entry.type == EntryType::kSymlink) {
      bool absolute = entry.link_target.starts_with('/');
      std::string from = absolute ? "" : std::string(DirName(name)) + "/";
      TRY_ASSIGN(links_[name], NormalizeArchiveName(from + entry.link_target));
    } else if (entry.type == EntryType::kHardLink) {
      TRY_ASSIGN(links_[name], NormalizeArchiveName(entry.link_target));
    }
  }
}

Result<> ArchiveFiles::Store(TarReader& tar, const std::string& name, const LayerEntry& entry) {
  if (IsOneOf(name, kDocuments)) {
    if (entry.size > kMaxDocument) return InvalidArgument("document is too large");
    std::string& text = documents_[name];
    text.clear();
    while (true) {
      TRY_ASSIGN(std::string_view piece, tar.Data());
      if (piece.empty()) return Ok();
      text.append(piece);
    }
  }
  if (IsOneOf(BaseName(name), kLegacyNames)) return Ok();
  if (name.starts_with(kBlobFolder)) {
    TRY_ASSIGN(Digest digest, Digest::Parse("sha256:" + name.substr(kBlobFolder.size())));
    return StoreNamed(tar, name, digest);
  }
  return StoreNamed(tar, name, Digest());
}

// Content is stored as it comes, under a digest that is computed, and compared when NAME promises
// one.
Result<> ArchiveFiles::StoreNamed(TarReader& tar, const std::string& name, const Digest& digest) {
  if (!digest.empty() && store_.Has(digest)) {
    TRY_ASSIGN(blobs_[name], store_.Stat(digest));
    return Ok();
  }
  TRY_ASSIGN(std::unique_ptr<BlobIngest> ingest, store_.BeginUnnamed());
  while (true) {
    TRY_ASSIGN(std::string_view piece, tar.Data());
    if (piece.empty()) break;
    TRY(ingest->Write(piece));
  }
  TRY_ASSIGN(BlobInfo blob, ingest->Commit(digest));
  blobs_[name] = std::move(blob);
  return Ok();
}

const std::string* ArchiveFiles::Document(std::string_view name) const {
  auto found = documents_.find(name);
  return found == documents_.end() ? nullptr : &found->second;
}

Result<BlobInfo> ArchiveFiles::Blob(std::string_view name) const {
  TRY_ASSIGN(std::string at, NormalizeArchiveName(name));
  for (int i = 0; i < kMaxLinks; ++i) {
    if (auto blob = blobs_.find(at); blob != blobs_.end()) return blob->second;
    auto link = links_.find(at);
    if (link == links_.end()) break;
    at = link->second;
  }
  return NotFound("archive has no file " + Quote(name.substr(0, 200)));
}

}  // namespace onggi
