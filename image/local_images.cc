#include "image/local_images.h"

#include "base/clock.h"
#include "base/file_io.h"
#include "base/log.h"
#include "image/archive/archive.h"
#include "image/platform.h"
#include "image/registry/credential.h"

namespace onggi {
namespace {

constexpr std::chrono::hours kPartialAge{24};
// Long enough to take the pulls of one rollout together, short enough that a power cut costs
// little.
constexpr std::chrono::seconds kDurabilityDelay{2};

HttpOptions HttpOptionsOf(const ImageServiceOptions& options) {
  HttpOptions http;
  http.no_progress_timeout = options.no_progress_timeout;
  return http;
}

}  // namespace

Result<std::unique_ptr<ImageService>> ImageService::Open(ImageServiceOptions options,
                                                         Database& database,
                                                         Snapshotter& snapshotter) {
  TRY_ASSIGN(auto images, LocalImages::Open(std::move(options), database, snapshotter));
  return std::unique_ptr<ImageService>(std::move(images));
}

LocalImages::LocalImages(ImageServiceOptions options, Database& database, Snapshotter& snapshotter)
    : options_(std::move(options)),
      database_(database),
      snapshotter_(snapshotter),
      hosts_(options_.mirrors, options_.certs_dir),
      http_(HttpOptionsOf(options_)) {}

Result<std::unique_ptr<LocalImages>> LocalImages::Open(ImageServiceOptions options,
                                                       Database& database,
                                                       Snapshotter& snapshotter) {
  std::unique_ptr<LocalImages> service(new LocalImages(std::move(options), database, snapshotter));
  const ImageServiceOptions& known = service->options_;
  TRY(MakeDirs(known.root, 0700));
  TRY_ASSIGN(service->content_, ContentStore::Open(known.root + "/content"));
  TRY(service->content_->Sweep(kPartialAge));
  TRY_ASSIGN(service->images_,
             ImageStore::Open({.pinned = known.pinned}, database, snapshotter, *service->content_));
  service->durability_ = std::thread([raw = service.get()] { raw->RunDurability(); });
  return service;
}

LocalImages::~LocalImages() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  if (durability_.joinable()) durability_.join();
}

void LocalImages::WakeDurability() {
  MutexLock lock(mutex_);
  is_dirty_ = true;
  wake_.NotifyAll();
}

void LocalImages::RunDurability() {
  while (true) {
    {
      MutexLock lock(mutex_);
      while (!is_dirty_ && !is_stopping_) wake_.Wait(mutex_);
      auto deadline = std::chrono::steady_clock::now() + kDurabilityDelay;
      while (!is_stopping_ && wake_.WaitUntil(mutex_, deadline)) {
      }
      if (is_stopping_) return;
      is_dirty_ = false;
    }
    auto done = images_->MakeDurable();
    if (done) done = database_.Checkpoint();
    if (!done) {
      LOG(kWarn, "images are not on the disk for certain yet, continuing",
          {"error", done.error().message()});
    }
  }
}

InstallContext LocalImages::Context() {
  return {.content = *content_,
          .snapshotter = snapshotter_,
          .images = *images_,
          .max_parallel_layers = options_.max_parallel_layers,
          .keep_blobs = options_.keep_blobs};
}

Result<std::string> LocalImages::Pull(const PullOptions& options) {
  TRY_ASSIGN(Reference reference, Reference::Parse(options.reference));
  const RegistryAuth* auth = options.auth ? &*options.auth : nullptr;
  const PullJob job{
      .reference = reference, .auth = auth, .platform = options.platform.value_or(HostPlatform())};
  std::string key =
      reference.Text() + " " + FormatPlatform(job.platform) + " " + AuthFingerprint(auth);
  auto id =
      pulls_.Run(key, options.cancel, options.on_progress,
                 [&](const CancelToken& cancel, const PullJoin::Listener& listener) {
                   PullMeter meter(listener);
                   const PullContext context{.http = http_, .hosts = hosts_, .install = Context()};
                   return PullImage(context, job, meter, cancel);
                 });
  if (id) WakeDurability();
  return id;
}

Result<std::string> LocalImages::Import(const ArchiveImage& image) {
  TRY_ASSIGN(ManifestDocument document, ParseManifest(image.manifest, image.manifest_media_type));
  Manifest* manifest = std::get_if<Manifest>(&document);
  if (manifest == nullptr) return InvalidArgument("an index is no image");
  InstallPlan plan{.manifest_bytes = image.manifest,
                   .manifest_digest = Digest::Of(image.manifest),
                   .manifest = std::move(*manifest),
                   .config_bytes = image.config,
                   .names = {}};
  Digest config = Digest::Of(plan.config_bytes);
  if (config != plan.manifest.config.digest) {
    return Error(Code::kDataLoss, "config: expected " + plan.manifest.config.digest.text() +
                                      ", got " + config.text());
  }
  for (const std::string& name : image.names) {
    TRY_ASSIGN(Reference reference, Reference::Parse(name));
    plan.names.push_back(reference.Text());
  }
  PullMeter meter(nullptr);
  TRY_ASSIGN(std::string id, InstallImage(Context(), plan, meter, CancelToken()));
  WakeDurability();
  return id;
}

Result<std::vector<std::string>> LocalImages::Load(int fd) {
  Platform host = HostPlatform();
  TRY_ASSIGN(std::vector<ArchiveImage> archive,
             ReadArchive(fd, *content_, {.os = host.os, .architecture = host.architecture}));
  std::vector<std::string> ids;
  for (const ArchiveImage& image : archive) {
    auto id = Import(image);
    if (!id) return std::move(id).Wrap("load image " + image.config_digest.text()).error().Clone();
    ids.push_back(*std::move(id));
  }
  return ids;
}

std::vector<Image> LocalImages::List() {
  std::vector<Image> images;
  for (const auto& [id, stored] : images_->catalog()->images()) images.push_back(stored->image);
  return images;
}

Result<Image> LocalImages::Find(const std::string& reference) {
  TRY_ASSIGN(Catalog::Entry entry, images_->catalog()->Find(reference));
  return entry->image;
}

Result<std::string> LocalImages::ConfigJson(const std::string& id) {
  TRY_ASSIGN(Catalog::Entry entry, images_->catalog()->Find(id));
  TRY_ASSIGN(Digest digest, Digest::Parse(entry->record.id));
  return content_->Read(digest, kConfigLimit);
}

Result<> LocalImages::Remove(const std::string& reference) {
  auto entry = images_->catalog()->Find(reference);
  if (!entry && entry.error().code() == Code::kNotFound) return Ok();
  if (!entry) return std::move(entry).error();
  TRY(images_->Remove((*entry)->record.id).Wrap("remove image " + (*entry)->record.id));
  return Ok();
}

Result<FilesystemUsage> LocalImages::FsUsage() {
  TRY_ASSIGN(std::vector<SnapshotInfo> snapshots, snapshotter_.List());
  ContentUsage blobs = content_->Usage();
  FilesystemUsage usage{.timestamp_ns = WallNanos(),
                        .mountpoint = options_.root,
                        .used_bytes = blobs.bytes,
                        .inodes_used = blobs.blobs};
  for (const SnapshotInfo& snapshot : snapshots) {
    if (snapshot.kind != SnapshotInfo::Kind::kCommitted) continue;
    usage.used_bytes += snapshot.usage.bytes;
    usage.inodes_used += snapshot.usage.inodes;
  }
  return usage;
}

Result<> LocalImages::Lease(const std::string& owner, const std::string& image_id) {
  return images_->Lease(owner, image_id);
}

Result<> LocalImages::Unlease(const std::string& owner) {
  return images_->Unlease(owner);
}

Result<> LocalImages::LeaseSnapshot(const std::string& owner, const std::string& chain_id) {
  return images_->LeaseSnapshot(owner, chain_id);
}

}  // namespace onggi
