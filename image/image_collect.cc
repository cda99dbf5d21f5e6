// What nothing needs goes: the part of ImageStore that removes snapshots and blobs.
#include <algorithm>

#include "image/image_store.h"

namespace onggi {

ImageStore::Pin::~Pin() {
  MutexLock lock(store_.mutex_);
  for (const std::string& target : targets_) {
    auto found = store_.pins_.find(target);
    if (found != store_.pins_.end()) store_.pins_.erase(found);
  }
}

std::unique_ptr<ImageStore::Pin> ImageStore::PinTargets(std::vector<std::string> targets) {
  MutexLock lock(mutex_);
  pins_.insert(targets.begin(), targets.end());
  return std::unique_ptr<Pin>(new Pin(*this, std::move(targets)));
}

bool ImageStore::IsChainNeeded(const std::string& chain_id) const {
  if (pins_.contains(chain_id) || HasLease(chain_id)) return true;
  return std::any_of(images_.begin(), images_.end(), [&](const auto& entry) {
    const auto& layers = entry.second.record.layers;
    return std::any_of(layers.begin(), layers.end(),
                       [&](const LayerRecord& layer) { return layer.chain_id == chain_id; });
  });
}

bool ImageStore::IsBlobNeeded(const std::string& digest) const {
  if (pins_.contains(digest)) return true;
  return std::any_of(images_.begin(), images_.end(), [&](const auto& entry) {
    const ImageRecord& record = entry.second.record;
    if (record.id == digest || record.manifest_digest == digest) return true;
    return std::any_of(record.layers.begin(), record.layers.end(),
                       [&](const LayerRecord& layer) { return layer.digest == digest; });
  });
}

// One thing at a time under the lock: who needs it can't change between the look and the removal,
// and nobody waits for more than one.
Freed ImageStore::Collect(const std::vector<std::string>& chains,
                          const std::vector<std::string>& blobs) {
  Freed freed;
  for (const std::string& chain : chains) {
    MutexLock lock(mutex_);
    if (IsChainNeeded(chain)) continue;
    auto info = snapshotter_.Stat(chain);
    // A container or a layer of somebody else stands on it: so it does on all below.
    if (!snapshotter_.Remove(chain)) break;
    if (info && *info) freed.bytes += (*info)->usage.bytes;
  }
  for (const std::string& blob : blobs) {
    auto digest = Digest::Parse(blob);
    if (!digest) continue;
    MutexLock lock(mutex_);
    if (IsBlobNeeded(blob)) continue;
    auto info = content_.Stat(*digest);
    if (info && content_.Remove(*digest)) freed.bytes += info->size;
  }
  return freed;
}

Freed ImageStore::CollectImage(const ImageRecord& record) {
  std::vector<std::string> chains;
  std::vector<std::string> blobs{record.manifest_digest, record.id};
  for (auto layer = record.layers.rbegin(); layer != record.layers.rend(); ++layer) {
    chains.push_back(layer->chain_id);
    blobs.push_back(layer->digest);
  }
  return Collect(chains, blobs);
}

// Snapshots of a pull that a crash ended between its commits and its record: nobody vouches that
// they reached the disk, so the next pull must not find them.
void ImageStore::CollectOrphans(std::set<std::string> committed) {
  bool progress = true;
  while (progress) {  // children first, without knowing who they are
    progress = false;
    for (auto at = committed.begin(); at != committed.end();) {
      MutexLock lock(mutex_);
      bool gone = IsChainNeeded(*at) || snapshotter_.Remove(*at).has_value();
      progress = progress || gone;
      at = gone ? committed.erase(at) : std::next(at);
    }
  }
}

Freed ImageStore::CollectBlobs() {
  std::vector<std::string> blobs;
  for (const BlobInfo& blob : content_.List()) blobs.push_back(blob.digest.text());
  return Collect({}, blobs);
}

}  // namespace onggi
