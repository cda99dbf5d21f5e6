// ImageService: what a node does with images. The facade of the room; the engine, the CRI image
// service and the builder see nothing behind it.
//
// References are what people type ("nginx", "localhost:5000/a/b:1", "name@sha256:...", an image id
// or a unique prefix of one); they are normalised as Docker does. Identical pulls join: the second
// waits for the first. Everything that is listed is complete; a pull that failed or was cancelled
// leaves nothing but blobs that the next pull will use and the collector may take.
//
// Thread-safety: all methods from any thread. Pull, Load, Push, Remove block on network or disk;
// List and Find answer from memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/secret.h"
#include "image/image.h"
#include "image/image_verbs.h"
#include "snapshotter/snapshotter.h"
#include "store/database.h"

namespace onggi {

// CRI's AuthConfig and Docker's config.json entry, in order of precedence: user and password,
// identity token, auth (base64 of user:password), registry token.
struct RegistryAuth {
  std::string username;
  Secret password;
  Secret identity_token;
  Secret auth;
  Secret registry_token;
  std::string server_address;  // when set, only for that host
};

struct PullProgress {
  std::string stage;  // "resolving", "pulling", "unpacking", "done"
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;
  int layers_done = 0;
  int layers_total = 0;
};

struct PullOptions {
  std::string reference;
  std::optional<RegistryAuth> auth;
  std::optional<Platform> platform;  // default: the host's
  std::function<void(const PullProgress&)>
      on_progress;  // from worker threads, a few times a second
  CancelToken cancel;
};

struct RegistryEndpoint {
  std::string url;  // "https://mirror:5000" or, only where written so, "http://..."
  bool skip_verify = false;
};

struct ImageServiceOptions {
  std::string root;  // blobs live in root/content
  // host -> endpoints tried in order before the host itself
  std::map<std::string, std::vector<RegistryEndpoint>> mirrors;
  std::string certs_dir;            // containerd's certs.d; "" for none
  std::vector<std::string> pinned;  // references and globs that the kubelet must not collect
  std::chrono::seconds no_progress_timeout{60};
  int max_parallel_layers = 4;
  // Compressed layers stay in the content store, so that push and save give back the bytes that
  // were pulled. Costs their size on disk, written in the same pass.
  bool keep_blobs = true;
};

struct FilesystemUsage {
  int64_t timestamp_ns = 0;
  std::string mountpoint;
  uint64_t used_bytes = 0;
  uint64_t inodes_used = 0;
};

class ImageService {
 public:
  static Result<std::unique_ptr<ImageService>> Open(ImageServiceOptions options, Database& database,
                                                    Snapshotter& snapshotter);
  virtual ~ImageService() = default;

  // The image id. NotFound when no endpoint has it (the message lists what was tried); Unknown with
  // the prefix "RegistryUnavailable: " or "SignatureValidationFailed: " as kubelet expects;
  // DataLoss when bytes are not what their digest says; ResourceExhausted on a full disk.
  virtual Result<std::string> Pull(const PullOptions& options) = 0;
  // A docker-archive or OCI layout tar, read from FD; the ids of all images in it.
  virtual Result<std::vector<std::string>> Load(int fd) = 0;

  virtual std::vector<Image> List() = 0;
  // By id, id prefix, tag, digest or short name. NotFound when absent, InvalidArgument when
  // ambiguous or not a reference.
  virtual Result<Image> Find(const std::string& reference) = 0;
  // The raw OCI config of image ID.
  virtual Result<std::string> ConfigJson(const std::string& id) = 0;
  // Removes the image that REFERENCE names with every name it has. Absent is success. Snapshots
  // that containers stand on stay until those are gone.
  virtual Result<> Remove(const std::string& reference) = 0;

  virtual Result<FilesystemUsage> FsUsage() = 0;

  // A lease keeps IMAGE_ID's snapshots while something (a container) is made from it or stands on
  // it.
  virtual Result<> Lease(const std::string& owner, const std::string& image_id) = 0;
  virtual Result<> Unlease(const std::string& owner) = 0;
  // The same for one snapshot that no listed image needs (a build step). Ended by Unlease(owner).
  virtual Result<> LeaseSnapshot(const std::string& owner, const std::string& chain_id) {
    (void)chain_id;
    return Unimplemented("lease of a snapshot for " + owner);
  }

  // The further verbs; null when this service (a test's own) has none.
  virtual ImageVerbs* verbs() { return nullptr; }
};

}  // namespace onggi
