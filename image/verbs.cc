// The verbs of LocalImages that need no registry.
#include <algorithm>

#include "base/strings.h"
#include "image/archive/archive.h"
#include "image/config_json.h"
#include "image/local_images.h"
#include "image/prune_filter.h"

namespace onggi {
namespace {
constexpr std::chrono::hours kPartialAge{1};
}  // namespace

Result<> LocalImages::Tag(const std::string& source, const std::string& target) {
  TRY_ASSIGN(Catalog::Entry entry, images_->catalog()->Find(source));
  TRY_ASSIGN(Reference name, Reference::Parse(target));
  if (!name.digest().empty()) {
    return InvalidArgument("a tag is needed, " + Quote(target) + " has a digest");
  }
  return images_->Tag(entry->record.id, name.Text());
}

Result<UntagResult> LocalImages::Untag(const std::string& reference) {
  TRY_ASSIGN(std::string name, images_->catalog()->FindName(reference));
  UntagResult result{.id = images_->catalog()->names().at(name)};
  TRY(images_->Untag(name));
  auto catalog = images_->catalog();
  auto left = catalog->images().find(result.id);
  if (left == catalog->images().end() || !left->second->image.repo_tags.empty()) return result;
  // Names by digest come with a pull; they don't hold what its tags have left.
  bool was_tag = name.find('@') == std::string::npos;
  if (!was_tag && !left->second->image.repo_digests.empty()) return result;
  TRY(images_->Remove(result.id));
  result.removed = true;
  return result;
}

std::vector<std::string> LocalImages::LeaseOwners(const std::string& image_id) {
  return images_->LeaseOwners(image_id);
}

Result<PruneResult> LocalImages::Prune(const PruneOptions& options) {
  TRY_ASSIGN(PruneFilter filter, PruneFilter::Parse(options.filters));
  PruneResult result;
  auto catalog = images_->catalog();
  for (const auto& [id, stored] : catalog->images()) {
    const Image& image = stored->image;
    bool wanted = (options.all || image.repo_tags.empty()) && !image.pinned;
    if (!wanted || !filter.Matches(image) || !images_->LeaseOwners(id).empty()) continue;
    result.deleted.push_back(id);
    if (options.dry_run) {
      result.freed_bytes += image.size_bytes;
      continue;
    }
    TRY_ASSIGN(Freed freed, images_->Remove(id));
    result.freed_bytes += freed.bytes;
  }
  if (options.dry_run) return result;
  result.freed_bytes += images_->CollectBlobs().bytes;
  TRY_ASSIGN(uint64_t partial, content_->Sweep(kPartialAge));
  result.freed_bytes += partial;
  return result;
}

Result<std::vector<HistoryEntry>> LocalImages::History(const std::string& reference) {
  TRY_ASSIGN(Catalog::Entry entry, images_->catalog()->Find(reference));
  TRY_ASSIGN(std::string config, ConfigJson(entry->record.id));
  TRY_ASSIGN(std::vector<HistoryEntry> history, ParseHistory(config));
  size_t layer = 0;
  const auto& layers = entry->record.layers;
  for (HistoryEntry& step : history) {
    if (step.empty_layer || layer >= layers.size()) continue;
    TRY_ASSIGN(auto info, snapshotter_.Stat(layers[layer++].chain_id));
    if (info) step.size_bytes = info->usage.bytes;
  }
  std::reverse(history.begin(), history.end());
  return history;
}

Result<ArchiveImage> LocalImages::Export(const std::string& reference) {
  TRY_ASSIGN(Catalog::Entry entry, images_->catalog()->Find(reference));
  const ImageRecord& record = entry->record;
  ArchiveImage image;
  TRY_ASSIGN(image.config_digest, Digest::Parse(record.id));
  TRY_ASSIGN(image.manifest_digest, Digest::Parse(record.manifest_digest));
  image.manifest_media_type = record.manifest_type;
  TRY_ASSIGN(image.manifest, content_->Read(image.manifest_digest, kManifestLimit));
  TRY_ASSIGN(image.config, content_->Read(image.config_digest, kConfigLimit));
  for (const LayerRecord& layer : record.layers) {
    TRY_ASSIGN(Digest digest, Digest::Parse(layer.digest));
    if (!content_->Has(digest)) {
      return FailedPrecondition("layer " + layer.digest +
                                " was not kept as it travels; pull the image again with "
                                "image.keep_blobs on");
    }
    image.layers.push_back({.digest = digest, .size = layer.size, .media_type = layer.media_type});
  }
  // By the name that was asked for; an id has none.
  if (auto name = images_->catalog()->FindName(reference); name && name->find('@') == name->npos) {
    image.names.push_back(*name);
  }
  return image;
}

Result<> LocalImages::Save(const std::vector<std::string>& references, ArchiveFormat format,
                           int fd) {
  if (references.empty()) return InvalidArgument("no image to save");
  std::vector<ArchiveImage> images;
  std::vector<std::unique_ptr<ImageStore::Pin>> pins;
  for (const std::string& reference : references) {
    TRY_ASSIGN(ArchiveImage image, Export(reference));
    std::vector<std::string> targets{image.manifest_digest.text(), image.config_digest.text()};
    for (const ArchiveLayer& layer : image.layers) targets.push_back(layer.digest.text());
    pins.push_back(images_->PinTargets(std::move(targets)));
    auto same = std::find_if(images.begin(), images.end(), [&](const ArchiveImage& known) {
      return known.manifest_digest == image.manifest_digest;
    });
    if (same == images.end()) {
      images.push_back(std::move(image));
    } else {
      same->names.insert(same->names.end(), image.names.begin(), image.names.end());
    }
  }
  return WriteArchive(images, *content_, format, fd);
}

}  // namespace onggi
