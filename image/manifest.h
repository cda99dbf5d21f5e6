// Manifests and indexes of images, as registries and archives hold them (OCI image spec 1.1, Docker
// schema 2), read with limits and without guessing.
//
// A document that could be read two ways (a manifest and an index at once, a key twice, a media
// type that is not the announced one) is refused: two readers of one digest must not see two
// images.
//
// Thread-safety: pure functions and plain data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "image/digest.h"
#include "image/image.h"

namespace onggi {

inline constexpr size_t kManifestLimit = 4 << 20;
inline constexpr size_t kConfigLimit = 8 << 20;
inline constexpr size_t kDescriptorLimit = 1024;

namespace media_type {
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
}  // namespace media_type

struct Descriptor {
  std::string media_type;
  Digest digest;  // always set
  uint64_t size = 0;
  Platform platform;  // of an index entry; empty fields when not given
  std::string artifact_type;
  std::map<std::string, std::string> annotations;
};

struct Manifest {
  std::string media_type;
  Descriptor config;
  std::vector<Descriptor> layers;  // lowest first
};

struct ImageIndex {
  std::string media_type;
  std::vector<Descriptor> manifests;
};

using ManifestDocument = std::variant<Manifest, ImageIndex>;

// MEDIA_TYPE is what the descriptor or the registry's Content-Type announced; "" when nothing did.
// InvalidArgument saying what is wrong.
Result<ManifestDocument> ParseManifest(std::string_view text, std::string_view media_type);

// The entry to take for PLATFORM: the best variant that runs there, the first among equals.
// NotFound naming what there is.
Result<Descriptor> ChooseManifest(const ImageIndex& index, const Platform& platform);

// Total of config and layers.
uint64_t ContentSize(const Manifest& manifest);

}  // namespace onggi
