#include "image/image_store.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/file_io.h"
#include "base/strings.h"
#include "image/config_json.h"
#include "image/manifest.h"

namespace onggi {
namespace {

std::string BootId() {
  std::string text = ReadFile("/proc/sys/kernel/random/boot_id").value_or("unknown");
  return std::string(Trim(text));
}

}  // namespace

Result<std::unique_ptr<ImageStore>> ImageStore::Open(Options options, Database& database,
                                                     Snapshotter& snapshotter,
                                                     ContentStore& content) {
  TRY(ImageTable::Prepare(database));
  std::unique_ptr<ImageStore> store(
      new ImageStore(std::move(options), database, snapshotter, content));
  TRY(store->Load().Wrap("read the list of images"));
  return store;
}

Result<std::set<std::string>> ImageStore::CommittedSnapshots() {
  std::set<std::string> committed;
  TRY_ASSIGN(std::vector<SnapshotInfo> snapshots, snapshotter_.List());
  for (const SnapshotInfo& snapshot : snapshots) {
    if (snapshot.kind == SnapshotInfo::Kind::kCommitted) committed.insert(snapshot.name);
  }
  return committed;
}

Result<StoredImage> ImageStore::Complete(const ImageRecord& record) const {
  TRY_ASSIGN(Digest id, Digest::Parse(record.id));
  TRY_ASSIGN(Digest manifest, Digest::Parse(record.manifest_digest));
  TRY_ASSIGN(std::string config, content_.Read(id, kConfigLimit));
  if (!content_.Has(manifest)) return NotFound("manifest " + record.manifest_digest);
  StoredImage stored{.record = record, .image = {}};
  TRY_ASSIGN(stored.image.config, ParseImageConfig(config));
  stored.image.id = record.id;
  stored.image.manifest_digest = record.manifest_digest;
  stored.image.size_bytes = std::max<uint64_t>(record.size, 1);
  stored.image.top_layer = record.TopLayer();
  return stored;
}

Result<> ImageStore::Load() {
  TRY_ASSIGN(std::vector<ImageRecord> records, table_.Images());
  TRY_ASSIGN(auto names, table_.Names());
  TRY_ASSIGN(std::vector<LeaseRow> leases, table_.Leases());
  TRY_ASSIGN(std::set<std::string> committed, CommittedSnapshots());
  const std::string boot = BootId();
  std::vector<ImageRecord> dropped;
  {
    MutexLock lock(mutex_);
    for (const LeaseRow& lease : leases) leases_.emplace(lease.owner, lease.target);
    for (const ImageRecord& record : records) {
      bool whole = record.boot_id.empty() || record.boot_id == boot;
      for (const LayerRecord& layer : record.layers) {
        whole = whole && committed.contains(layer.chain_id);
      }
      auto stored = whole ? Complete(record) : Result<StoredImage>(NotFound("incomplete"));
      bool needed = record.listed || HasLease(record.id);
      if (stored && needed) {
        images_.emplace(record.id, *std::move(stored));
      } else {
        dropped.push_back(record);
      }
    }
    for (const auto& [name, id] : names) {
      auto found = images_.find(id);
      if (found != images_.end() && found->second.record.listed) names_.emplace(name, id);
    }
    Publish();
  }
  TRY(DropRecords(dropped));
  CollectOrphans(committed);
  return Ok();
}

Result<> ImageStore::DropRecords(const std::vector<ImageRecord>& records) {
  if (records.empty()) return Ok();
  TRY(database_.InTransaction([&]() -> Result<> {
    for (const ImageRecord& record : records) TRY(table_.DeleteImage(record.id));
    return Ok();
  }));
  for (const ImageRecord& record : records) (void)CollectImage(record);  // counts, can't fail
  return Ok();
}

std::shared_ptr<const Catalog> ImageStore::catalog() const {
  MutexLock lock(catalog_mutex_);
  return catalog_;
}

bool ImageStore::IsPinnedByName(const std::string& name) const {
  std::string familiar = name;
  if (auto reference = Reference::Parse(name)) familiar = reference->Familiar();
  return std::any_of(options_.pinned.begin(), options_.pinned.end(), [&](const std::string& glob) {
    return fnmatch(glob.c_str(), name.c_str(), 0) == 0 ||
           fnmatch(glob.c_str(), familiar.c_str(), 0) == 0;
  });
}

// Makes the changes under the lock visible to readers, all at once.
void ImageStore::Publish() {
  std::map<std::string, std::shared_ptr<StoredImage>> building;
  for (const auto& [id, stored] : images_) {
    if (stored.record.listed) building.emplace(id, std::make_shared<StoredImage>(stored));
  }
  for (const auto& [name, id] : names_) {
    auto found = building.find(id);
    if (found == building.end()) continue;
    Image& image = found->second->image;
    bool by_digest = name.find('@') != std::string::npos;
    (by_digest ? image.repo_digests : image.repo_tags).push_back(name);
    image.pinned = image.pinned || IsPinnedByName(name);
  }
  std::map<std::string, Catalog::Entry> images(building.begin(), building.end());
  auto next = std::make_shared<const Catalog>(std::move(images), names_);
  MutexLock lock(catalog_mutex_);
  catalog_ = std::move(next);
}

Result<> ImageStore::Put(ImageRecord record, const std::vector<std::string>& names) {
  record.listed = true;
  record.boot_id = BootId();
  TRY_ASSIGN(StoredImage stored, Complete(record));
  MutexLock lock(mutex_);
  // Known and on the disk already: it stays so.
  auto known = images_.find(record.id);
  if (known != images_.end() && known->second.record.boot_id.empty() &&
      known->second.record.manifest_digest == record.manifest_digest) {
    stored.record.boot_id.clear();
  }
  TRY(database_.InTransaction([&]() -> Result<> {
    TRY(table_.PutImage(stored.record));
    for (const std::string& name : names) TRY(table_.PutName(name, record.id));
    return Ok();
  }));
  images_[record.id] = std::move(stored);
  for (const std::string& name : names) names_[name] = record.id;
  Publish();
  return Ok();
}

Result<> ImageStore::Tag(const std::string& id, const std::string& name) {
  MutexLock lock(mutex_);
  auto found = images_.find(id);
  if (found == images_.end() || !found->second.record.listed) {
    return NotFound("image " + id + " is not here");
  }
  TRY(table_.PutName(name, id));
  names_[name] = id;
  Publish();
  return Ok();
}

Result<> ImageStore::Untag(const std::string& name) {
  MutexLock lock(mutex_);
  TRY(table_.DeleteName(name));
  names_.erase(name);
  Publish();
  return Ok();
}

Result<Freed> ImageStore::Remove(const std::string& id) {
  ImageRecord record;
  {
    MutexLock lock(mutex_);
    auto found = images_.find(id);
    if (found == images_.end() || !found->second.record.listed) return Freed{};
    bool leased = HasLease(id);
    TRY(database_.InTransaction([&]() -> Result<> {
      if (!leased) return table_.DeleteImage(id);
      TRY(table_.DeleteNamesOf(id));
      return table_.SetListed(id, false);
    }));
    std::erase_if(names_, [&](const auto& entry) { return entry.second == id; });
    record = found->second.record;
    if (leased) {
      found->second.record.listed = false;
    } else {
      images_.erase(found);
    }
    Publish();
    if (leased) return Freed{};
  }
  return CollectImage(record);
}

Result<> ImageStore::Lease(const std::string& owner, const std::string& id) {
  MutexLock lock(mutex_);
  auto found = images_.find(id);
  if (found == images_.end() || !found->second.record.listed) {
    return NotFound("image " + Quote(id) + " is not here");
  }
  TRY(table_.PutLease({owner, id}));
  leases_.emplace(owner, id);
  return Ok();
}

Result<> ImageStore::LeaseSnapshot(const std::string& owner, const std::string& chain_id) {
  MutexLock lock(mutex_);
  TRY(table_.PutLease({owner, chain_id}));
  leases_.emplace(owner, chain_id);
  return Ok();
}

Result<> ImageStore::Unlease(const std::string& owner) {
  std::vector<ImageRecord> unneeded;
  std::vector<std::string> chains;
  {
    MutexLock lock(mutex_);
    if (!leases_.contains(owner)) return Ok();
    std::set<std::string> targets;
    auto [first, last] = leases_.equal_range(owner);
    for (auto at = first; at != last; ++at) targets.insert(at->second);
    leases_.erase(owner);
    for (const std::string& target : targets) {
      auto found = images_.find(target);
      if (found == images_.end()) chains.push_back(target);
      if (found == images_.end() || found->second.record.listed || HasLease(target)) continue;
      unneeded.push_back(found->second.record);
      images_.erase(found);
    }
    TRY(database_.InTransaction([&]() -> Result<> {
      TRY(table_.DeleteLeases(owner));
      for (const ImageRecord& record : unneeded) TRY(table_.DeleteImage(record.id));
      return Ok();
    }));
  }
  for (const ImageRecord& record : unneeded) (void)CollectImage(record);  // counts, can't fail
  if (!chains.empty()) (void)Collect(chains, {});
  return Ok();
}

std::vector<std::string> ImageStore::LeaseOwners(const std::string& target) const {
  MutexLock lock(mutex_);
  std::vector<std::string> owners;
  for (const auto& [owner, held] : leases_) {
    if (held == target) owners.push_back(owner);
  }
  return owners;
}

bool ImageStore::HasLease(const std::string& target) const {
  return std::any_of(leases_.begin(), leases_.end(),
                     [&](const auto& lease) { return lease.second == target; });
}

Result<> ImageStore::MakeDurable() {
  std::vector<std::string> ids;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, stored] : images_) {
      if (!stored.record.boot_id.empty()) ids.push_back(id);
    }
  }
  if (ids.empty()) return Ok();
  TRY(content_.Sync());  // files first: syncfs of the file system that holds the snapshots too
  MutexLock lock(mutex_);
  TRY(database_.InTransaction([&] { return table_.SetDurable(ids); }));
  for (const std::string& id : ids) {
    auto found = images_.find(id);
    if (found != images_.end()) found->second.record.boot_id.clear();
  }
  return Ok();
}

}  // namespace onggi
