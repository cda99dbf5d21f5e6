// Archives of images: what `docker save`, `podman save` and `skopeo copy` write (docker-archive and
// OCI layout, as tar), read into the content store and written from it.
//
// Thread-safety: any thread. Blocks on FD and disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "image/content/content_store.h"
#include "image/digest.h"

namespace onggi {

struct ArchiveLayer {
  Digest digest;  // in the content store
  uint64_t size = 0;
  std::string media_type;
};

// One image of one platform. Manifest, config and layers are in the content store by their digests.
struct ArchiveImage {
  std::string manifest;  // OCI or Docker schema 2; made by us for a docker-archive, which has none
  Digest manifest_digest;
  std::string manifest_media_type;
  std::string config;
  Digest config_digest;
  std::vector<std::string> names;    // references as written in the archive; may be empty
  std::vector<ArchiveLayer> layers;  // lowest first, as many as the config has diff ids
};

struct ReadArchiveOptions {
  // Of an OCI index with several platforms only this one is taken ("linux", "amd64"); empty: all
  // that are complete in the archive.
  std::string os;
  std::string architecture;
  CancelToken cancel;
};

// Reads FD once, front to back (a pipe will do); the whole may be compressed. Every blob that the
// archive names by digest is checked. InvalidArgument when it is no archive of images or lies;
// nothing that it names is listed anywhere: blobs that were taken before an error are for the
// collector.
Result<std::vector<ArchiveImage>> ReadArchive(int fd, ContentStore& store,
                                              const ReadArchiveOptions& options = {});

enum class ArchiveFormat {
  kDocker,  // manifest.json beside an OCI layout, as Docker 25 and later write: all engines load it
  kOci,     // OCI layout only
};

// Writes IMAGES (as ReadArchive or the image store describe them; config and layers are taken from
// the content store) to FD. Blobs that images share are written once.
Result<> WriteArchive(const std::vector<ArchiveImage>& images, const ContentStore& store,
                      ArchiveFormat format, int fd);

}  // namespace onggi
