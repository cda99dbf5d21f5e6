#include "image/manifest.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/strings.h"
#include "image/platform.h"

namespace onggi {
namespace {

constexpr uint64_t kMaxBlobBytes = uint64_t{1} << 43;  // 8 TiB: sums can't overflow

// Top-level keys that mean something. Go programs match them in any case, so another spelling is a
// second document for them.
constexpr std::array<std::string_view, 8> kKeys{"schemaVersion", "mediaType",   "config",
                                                "layers",        "manifests",   "subject",
                                                "annotations",   "artifactType"};

Error Refused(const std::string& why) {
  return InvalidArgument("manifest: " + why);
}

// No top-level key twice, none in another case.
Result<> CheckKeys(std::string_view text) {
  std::set<std::string> seen;
  std::string problem;
  auto on_event = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event != Json::parse_event_t::key || depth != 1 || !problem.empty()) return true;
    const std::string* key = value.get_ptr<const std::string*>();
    if (key == nullptr) return true;
    if (!seen.insert(*key).second) problem = "key " + Quote(*key) + " twice";
    for (std::string_view known : kKeys) {
      if (*key != known && ToLower(*key) == ToLower(known)) {
        problem = "key " + Quote(*key) + " in place of " + std::string(known);
      }
    }
    return true;
  };
  const Json parsed = Json::parse(text, on_event, false);
  if (parsed.is_discarded()) problem = "not JSON";
  if (!problem.empty()) return Refused(problem);
  return Ok();
}

Result<Platform> ParsePlatformObject(const Json& object) {
  Platform platform;
  TRY_ASSIGN(platform.os, JsonString(object, "os"));
  TRY_ASSIGN(platform.architecture, JsonString(object, "architecture"));
  TRY_ASSIGN(platform.variant, JsonString(object, "variant"));
  return platform;
}

Result<Descriptor> ParseDescriptor(const Json& object) {
  if (!object.is_object()) return Refused("a descriptor that is no object");
  Descriptor descriptor;
  TRY_ASSIGN(descriptor.media_type, JsonString(object, "mediaType"));
  TRY_ASSIGN(std::string digest, JsonString(object, "digest"));
  TRY_ASSIGN(descriptor.digest, Digest::Parse(digest));
  TRY_ASSIGN(descriptor.size, JsonUint(object, "size"));
  if (descriptor.size > kMaxBlobBytes) {
    return Refused("size " + std::to_string(descriptor.size) + " of " + digest);
  }
  TRY_ASSIGN(descriptor.artifact_type, JsonString(object, "artifactType"));
  TRY_ASSIGN(descriptor.annotations, JsonStringMap(object, "annotations"));
  const Json& platform = JsonMember(object, "platform");
  if (platform.is_object()) {
    TRY_ASSIGN(descriptor.platform, ParsePlatformObject(platform));
  }
  return descriptor;
}

Result<std::vector<Descriptor>> ParseDescriptors(const Json& object, std::string_view key) {
  TRY_ASSIGN(Json array, JsonArray(object, key));
  if (array.size() > kDescriptorLimit) {
    return Refused(std::to_string(array.size()) + " " + std::string(key) + ", at most " +
                   std::to_string(kDescriptorLimit) + " are read");
  }
  std::vector<Descriptor> descriptors;
  descriptors.reserve(array.size());
  for (const Json& entry : array) {
    TRY_ASSIGN(Descriptor descriptor, ParseDescriptor(entry));
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

bool IsIndexType(std::string_view type) {
  return type == media_type::kDockerList || type == media_type::kOciIndex;
}
bool IsManifestType(std::string_view type) {
  return type == media_type::kDockerManifest || type == media_type::kOciManifest;
}

// The type of the document: what it says itself, else what was announced, else by its shape.
Result<std::string> DecideType(const Json& object, std::string_view announced) {
  TRY_ASSIGN(std::string own, JsonString(object, "mediaType"));
  // Plain types are what file servers and old registries announce: they say nothing.
  if (announced == "application/json" || announced == "text/plain" ||
      announced == "application/octet-stream") {
    announced = "";
  }
  if (!own.empty() && !announced.empty() && own != announced) {
    return Refused("it says it is " + Quote(own) + " and was announced as " + Quote(announced));
  }
  std::string type = own.empty() ? std::string(announced) : own;
  bool has_list = object.contains("manifests");
  if (type.empty()) type = has_list ? media_type::kOciIndex : media_type::kOciManifest;
  if (type.find("manifest.v1+") != std::string::npos && type.find("docker") != std::string::npos) {
    return Refused("Docker schema 1 is not supported; push the image again with a current tool");
  }
  if (!IsIndexType(type) && !IsManifestType(type)) {
    return Refused("unknown media type " + Quote(type));
  }
  bool has_image = object.contains("layers") || object.contains("config");
  bool has_old = object.contains("fsLayers") || object.contains("signatures");
  if ((has_list && has_image) || has_old || IsIndexType(type) != has_list) {
    return Refused("ambiguous: the members are not those of " + type);
  }
  return type;
}

}  // namespace

Result<ManifestDocument> ParseManifest(std::string_view text, std::string_view announced) {
  TRY_ASSIGN(Json object, ParseJson(text, {.bytes = kManifestLimit, .depth = 64}));
  if (!object.is_object()) return Refused("it is no JSON object");
  TRY(CheckKeys(text));
  TRY_ASSIGN(int64_t version, JsonInt(object, "schemaVersion", 2));
  if (version != 2) return Refused("schemaVersion " + std::to_string(version) + ", 2 expected");
  TRY_ASSIGN(std::string type, DecideType(object, announced));
  if (IsIndexType(type)) {
    ImageIndex index{.media_type = type, .manifests = {}};
    TRY_ASSIGN(index.manifests, ParseDescriptors(object, "manifests"));
    return ManifestDocument(std::move(index));
  }
  Manifest manifest{.media_type = type, .config = {}, .layers = {}};
  TRY_ASSIGN(manifest.config, ParseDescriptor(JsonMember(object, "config")));
  TRY_ASSIGN(manifest.layers, ParseDescriptors(object, "layers"));
  const std::string& config_type = manifest.config.media_type;
  if (config_type != media_type::kDockerConfig && config_type != media_type::kOciConfig) {
    return Refused("not a container image: its config is " + Quote(config_type));
  }
  if (manifest.config.size > kConfigLimit) {
    return Refused("config of " + std::to_string(manifest.config.size) + " bytes, at most " +
                   std::to_string(kConfigLimit) + " are read");
  }
  return ManifestDocument(std::move(manifest));
}

Result<Descriptor> ChooseManifest(const ImageIndex& index, const Platform& platform) {
  const Descriptor* best = nullptr;
  int best_rank = 0;
  std::set<std::string> offered;
  for (const Descriptor& entry : index.manifests) {
    // Attestations and artifacts stand beside the images under platform unknown/unknown.
    if (!entry.media_type.empty() && !IsManifestType(entry.media_type) &&
        !IsIndexType(entry.media_type)) {
      continue;
    }
    bool has_platform = !entry.platform.os.empty() || !entry.platform.architecture.empty();
    int rank = has_platform ? PlatformRank(platform, entry.platform)
                            : (index.manifests.size() == 1 ? 1 : 0);
    if (has_platform && entry.platform.os != "unknown") {
      offered.insert(FormatPlatform(entry.platform));
    }
    if (rank > best_rank) {
      best = &entry;
      best_rank = rank;
    }
  }
  if (best != nullptr) return *best;
  return NotFound(
      "no image for platform " + FormatPlatform(platform) + "; there is " +
      (offered.empty() ? std::string("none") : Join({offered.begin(), offered.end()}, ", ")));
}

uint64_t ContentSize(const Manifest& manifest) {
  uint64_t total = manifest.config.size;
  for (const Descriptor& layer : manifest.layers) total += layer.size;
  return total;
}

}  // namespace onggi
