// RemoteRepository: a repository wherever its host's endpoints are: mirrors in order, then the host
// itself.
//
// Thread-safety: any thread. Ownership: HttpClient must outlive it. Blocks on the network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "image/manifest.h"
#include "image/reference.h"
#include "image/registry/blob_source.h"
#include "image/registry/registry_client.h"

namespace onggi {

struct RemoteManifest {
  std::string bytes;
  std::string media_type;  // as announced; may be ""
  Digest digest;           // of the bytes
};

class RemoteRepository {
 public:
  // ACTIONS: "pull" or "pull,push".
  static Result<std::unique_ptr<RemoteRepository>> Open(HttpClient& http,
                                                        const RegistryHosts& hosts,
                                                        const Reference& reference,
                                                        const RegistryAuth* auth,
                                                        const std::string& actions = "pull");

  // What the tag or digest of the reference names. Later calls begin with the endpoint that
  // answered. NotFound, with a list of what was tried, when no endpoint has it; DataLoss when the
  // bytes are not what the digest says; Unavailable when nobody can be reached.
  Result<RemoteManifest> FetchManifest(const std::string& selector, const CancelToken& cancel);
  // The same for an entry of an index: digest, size and type are checked.
  Result<RemoteManifest> FetchManifest(const Descriptor& descriptor, const CancelToken& cancel);
  // A small blob, whole and checked.
  Result<std::string> FetchBlob(const Descriptor& blob, size_t limit, const CancelToken& cancel);
  std::unique_ptr<BlobSource> OpenBlob(const Descriptor& blob, uint64_t offset,
                                       const CancelToken& cancel) const;

  // Asks one endpoint only, for explain.
  Result<RemoteManifest> FetchFrom(RegistryClient& client, const std::string& selector,
                                   const CancelToken& cancel) const;

  const std::vector<std::shared_ptr<RegistryClient>>& clients() const { return clients_; }
  const Reference& reference() const { return reference_; }

 private:
  explicit RemoteRepository(Reference reference) : reference_(std::move(reference)) {}

  const Reference reference_;
  std::vector<std::shared_ptr<RegistryClient>> clients_;
};

}  // namespace onggi
