// BlobSource: a blob from a registry as a stream that survives its connections: when one breaks it
// goes on by range where it was, with backoff, and from the next endpoint when one has no more
// to give.
//
// Thread-safety: one thread at a time. Ownership: the clients must outlive it. Blocks on the
// network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "image/content/byte_source.h"
#include "image/manifest.h"
#include "image/registry/registry_client.h"

namespace onggi {

struct BlobRequest {
  std::string repository;  // "library/nginx"
  Descriptor blob;
  uint64_t offset = 0;  // where to begin
  CancelToken cancel;
};

class BlobSource : public ByteSource {
 public:
  // CLIENTS in the order in which they are asked; not empty.
  BlobSource(std::vector<std::shared_ptr<RegistryClient>> clients, BlobRequest request);

  // DataLoss when an endpoint announces another size than the descriptor; NotFound when no
  // endpoint has it; Unavailable when none can give the rest. Digests are not checked here.
  Result<size_t> Read(std::span<char> buffer) override;

 private:
  Result<> Connect();
  Result<> ConnectTo(RegistryClient& client);
  // After a failure: true when it is worth trying again, and the wait for it is over.
  Result<bool> Recover(Error error);

  const std::vector<std::shared_ptr<RegistryClient>> clients_;
  const BlobRequest request_;
  const RetryOptions retry_;
  std::unique_ptr<HttpResponse> answer_;
  uint64_t position_;
  uint64_t skip_ = 0;  // bytes that a server without ranges sends again
  size_t client_ = 0;
  int failures_ = 0;  // at this client, since the last byte
};

}  // namespace onggi
