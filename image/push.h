// Pusher: an image of the content store into a repository: what the registry has is skipped, what
// another repository there has is mounted, the rest is uploaded, several blobs at a time; the
// manifest last, byte for byte.
//
// Thread-safety: any thread. Ownership: everything in PushJob is borrowed. Blocks on network and
// disk.
#pragma once

#include <map>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "image/archive/archive.h"
#include "image/content/content_store.h"
#include "image/pull_meter.h"
#include "image/reference.h"
#include "image/registry/registry_client.h"

namespace onggi {

struct PushJob {
  HttpClient& http;
  const RegistryHosts& hosts;
  const ContentStore& content;
  Reference reference;
  const ArchiveImage& image;
  const RegistryAuth* auth = nullptr;
  // blob digest -> another repository of the same host ("library/base") that should have it
  std::map<std::string, std::string> mount_from;
  int max_parallel = 4;
  uint64_t chunk_bytes = 256 << 20;  // larger blobs go in chunks of this size
};

// The manifest's digest.
Result<std::string> PushImage(const PushJob& job, PullMeter& meter, const CancelToken& cancel);

}  // namespace onggi
