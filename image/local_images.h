// LocalImages: ImageService and ImageVerbs on this node's store. Composes the parts of the room;
// the work is theirs.
//
// Thread-safety: any thread. One background thread makes what was pulled durable.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "image/content/content_store.h"
#include "image/image_service.h"
#include "image/image_store.h"
#include "image/install.h"
#include "image/pull.h"
#include "image/pull_join.h"
#include "image/registry/endpoint.h"
#include "image/registry/http.h"

namespace onggi {

class LocalImages : public ImageService, public ImageVerbs {
 public:
  static Result<std::unique_ptr<LocalImages>> Open(ImageServiceOptions options, Database& database,
                                                   Snapshotter& snapshotter);
  ~LocalImages() override;

  Result<std::string> Pull(const PullOptions& options) override;
  Result<std::vector<std::string>> Load(int fd) override;
  std::vector<Image> List() override;
  Result<Image> Find(const std::string& reference) override;
  Result<std::string> ConfigJson(const std::string& id) override;
  Result<> Remove(const std::string& reference) override;
  Result<FilesystemUsage> FsUsage() override;
  Result<> Lease(const std::string& owner, const std::string& image_id) override;
  Result<> Unlease(const std::string& owner) override;
  Result<> LeaseSnapshot(const std::string& owner, const std::string& chain_id) override;
  ImageVerbs* verbs() override { return this; }

  Result<std::string> Push(const PushOptions& options) override;
  Result<std::vector<std::string>> RemoteTags(const std::string& repository,
                                              const RegistryAuth* auth,
                                              const CancelToken& cancel) override;
  Result<> Tag(const std::string& source, const std::string& target) override;
  Result<UntagResult> Untag(const std::string& reference) override;
  std::vector<std::string> LeaseOwners(const std::string& image_id) override;
  Result<PruneResult> Prune(const PruneOptions& options) override;
  Result<std::vector<HistoryEntry>> History(const std::string& reference) override;
  Result<> Save(const std::vector<std::string>& references, ArchiveFormat format, int fd) override;
  Result<std::string> Import(const ArchiveImage& image) override;
  Result<ArchiveImage> Export(const std::string& reference) override;
  ContentStore& content() override { return *content_; }
  Result<std::vector<SearchHit>> Search(const SearchOptions& options) override;
  Result<std::string> Login(const std::string& host, const RegistryAuth& auth) override;
  Result<std::vector<ExplainStep>> Explain(const std::string& reference,
                                           const RegistryAuth* auth) override;

 private:
  LocalImages(ImageServiceOptions options, Database& database, Snapshotter& snapshotter);
  InstallContext Context();
  void RunDurability() EXCLUDES(mutex_);
  void WakeDurability() EXCLUDES(mutex_);

  const ImageServiceOptions options_;
  Database& database_;
  Snapshotter& snapshotter_;
  const RegistryHosts hosts_;
  HttpClient http_;
  std::unique_ptr<ContentStore> content_;
  std::unique_ptr<ImageStore> images_;
  PullJoin pulls_;

  Mutex mutex_;
  CondVar wake_;
  bool is_dirty_ GUARDED_BY(mutex_) = true;  // an earlier run may have left work
  bool is_stopping_ GUARDED_BY(mutex_) = false;
  std::thread durability_;
};

}  // namespace onggi
