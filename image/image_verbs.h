// ImageVerbs: what a person does with images beyond running them: push, tag, save, prune, search,
// explain. Part of the image facade; ImageService::verbs() gives it.
//
// Thread-safety: all methods from any thread. All of them block on network or disk.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/secret.h"
#include "image/archive/archive.h"
#include "image/image.h"

namespace onggi {

struct RegistryAuth;
struct PullProgress;

struct PushOptions {
  std::string reference;  // a name that an image has here
  const RegistryAuth* auth = nullptr;
  std::function<void(const PullProgress&)> on_progress;
  CancelToken cancel;
};

struct UntagResult {
  std::string id;
  bool removed = false;  // that was its last name: the image went too
};

struct PruneOptions {
  bool all = false;  // false: only images without a tag
  // "until=RFC3339", "label=KEY[=VALUE]", "label!=KEY[=VALUE]"; all must hold.
  std::vector<std::string> filters;
  bool dry_run = false;
};
struct PruneResult {
  std::vector<std::string> deleted;  // image ids
  uint64_t freed_bytes = 0;
};

struct HistoryEntry {
  std::string created;
  std::string created_by;
  std::string comment;
  bool empty_layer = false;
  uint64_t size_bytes = 0;  // of the layer as it is unpacked; 0 when empty
};

struct SearchOptions {
  std::string term;  // "HOST/term" asks that registry's catalog
  int limit = 25;
  const RegistryAuth* auth = nullptr;
  CancelToken cancel;
};
struct SearchHit {
  std::string name;
  std::string description;
  int64_t stars = 0;
  bool official = false;
};

struct ExplainStep {
  std::string endpoint;     // "https://mirror:5000/v2"
  std::string source;       // what named it: "configuration", "hosts.toml", "default"
  std::string credentials;  // "none", "request (user NAME)", "hosts.toml headers"
  std::string answer;       // "found sha256:... (TYPE)", "404 ...", "connection refused"
};

class ImageVerbs {
 public:
  virtual ~ImageVerbs() = default;

  // The manifest's digest. NotFound when no image here has the name; errors of the registry as in
  // Pull. Blobs that the registry has are not sent again.
  virtual Result<std::string> Push(const PushOptions& options) = 0;
  // The tags of a repository, in the registry's order.
  virtual Result<std::vector<std::string>> RemoteTags(const std::string& repository,
                                                      const RegistryAuth* auth,
                                                      const CancelToken& cancel) = 0;

  // Gives the image that SOURCE names the further name TARGET; another image may lose it by that.
  virtual Result<> Tag(const std::string& source, const std::string& target) = 0;
  // Takes one name away. NotFound when no image has it. The image goes with its last name.
  virtual Result<UntagResult> Untag(const std::string& reference) = 0;
  // Who holds a lease on the image: the containers that stand on it.
  virtual std::vector<std::string> LeaseOwners(const std::string& image_id) = 0;
  // Removes images that no lease holds, then blobs and unfinished downloads nobody needs.
  virtual Result<PruneResult> Prune(const PruneOptions& options) = 0;

  // Newest first.
  virtual Result<std::vector<HistoryEntry>> History(const std::string& reference) = 0;
  virtual Result<> Save(const std::vector<std::string>& references, ArchiveFormat format,
                        int fd) = 0;
  // Records an image whose blobs are in the content store and whose layers may be unpacked already
  // (a build, a commit); layers that are not are unpacked now. The image id.
  virtual Result<std::string> Import(const ArchiveImage& image) = 0;
  // The image as the content store holds it: for Save, push and diff.
  virtual Result<ArchiveImage> Export(const std::string& reference) = 0;
  // Where blobs are kept, for builds and layers made here.
  virtual ContentStore& content() = 0;

  virtual Result<std::vector<SearchHit>> Search(const SearchOptions& options) = 0;
  // Asks HOST whether AUTH is good. Unauthenticated when it says no. Nothing is stored.
  virtual Result<std::string> Login(const std::string& host, const RegistryAuth& auth) = 0;
  // Asks every endpoint that a pull of REFERENCE might ask.
  virtual Result<std::vector<ExplainStep>> Explain(const std::string& reference,
                                                   const RegistryAuth* auth) = 0;
};

}  // namespace onggi
