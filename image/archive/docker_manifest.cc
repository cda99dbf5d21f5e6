#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/strings.h"
#include "image/archive/manifest_reader.h"
#include "image/layer/decompress.h"

namespace onggi {
namespace {

constexpr size_t kMaxConfig = 8 << 20;
constexpr size_t kMaxImages = 1024;
constexpr size_t kMaxLayers = 1024;
constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kConfigType[] = "application/vnd.oci.image.config.v1+json";

// docker-archive says no media type: the bytes do.
Result<std::string> LayerType(const ContentStore& store, const Digest& digest) {
  TRY_ASSIGN(UniqueFd fd, store.Open(digest));
  FdSource source(fd.get());
  std::array<char, 4> magic;
  TRY_ASSIGN(size_t got, ReadFull(source, magic));
  std::string type = "application/vnd.oci.image.layer.v1.tar";
  Compression compression = DetectCompression({magic.data(), got});
  if (compression == Compression::kNone) return type;
  return type.append("+").append(CompressionName(compression));
}

// "HEX.json" (Docker) or "sha256:HEX" (kaniko) promises the digest of the config.
Result<> CheckConfigName(const std::string& name, const Digest& digest) {
  std::string hex = name.substr(name.rfind('/') + 1);
  if (hex.ends_with(".json")) hex.resize(hex.size() - 5);
  if (hex.starts_with("sha256:")) hex.erase(0, 7);
  Result<Digest> promised = Digest::Parse("sha256:" + hex);
  if (!promised || *promised == digest) return Ok();
  return Error(Code::kDataLoss, "config: expected " + promised->text() + ", got " + digest.text());
}

OrderedJson DescriptorJson(const std::string& type, const Digest& digest, uint64_t size) {
  OrderedJson json;
  json["mediaType"] = type;
  json["digest"] = digest.text();
  json["size"] = size;
  return json;
}

Result<> MakeManifest(ArchiveImage& image, ContentStore& store) {
  OrderedJson json;
  json["schemaVersion"] = 2;
  json["mediaType"] = kManifestType;
  json["config"] = DescriptorJson(kConfigType, image.config_digest, image.config.size());
  json["layers"] = OrderedJson::array();
  for (const ArchiveLayer& layer : image.layers) {
    json["layers"].push_back(DescriptorJson(layer.media_type, layer.digest, layer.size));
  }
  image.manifest = DumpJson(json);
  image.manifest_media_type = kManifestType;
  TRY_ASSIGN(BlobInfo blob, store.Put(image.manifest));
  image.manifest_digest = blob.digest;
  return Ok();
}

Result<ArchiveImage> OneImage(const Json& json, const ArchiveFiles& files, ContentStore& store) {
  ArchiveImage image;
  TRY_ASSIGN(image.names, JsonStrings(json, "RepoTags"));
  TRY_ASSIGN(std::string config_name, JsonString(json, "Config"));
  TRY_ASSIGN(BlobInfo config, files.Blob(config_name));
  TRY(CheckConfigName(config_name, config.digest));
  TRY_ASSIGN(image.config, store.Read(config.digest, kMaxConfig));
  image.config_digest = config.digest;
  TRY_ASSIGN(std::vector<std::string> layers, JsonStrings(json, "Layers"));
  if (layers.size() > kMaxLayers) return InvalidArgument("too many layers");
  for (const std::string& name : layers) {
    TRY_ASSIGN(BlobInfo layer, files.Blob(name));
    TRY_ASSIGN(std::string type, LayerType(store, layer.digest));
    image.layers.push_back({layer.digest, layer.size, type});
  }
  TRY_ASSIGN(Json parsed, ParseJson(image.config, {.bytes = kMaxConfig}));
  TRY_ASSIGN(std::vector<std::string> diff_ids,
             JsonStrings(JsonMember(parsed, "rootfs"), "diff_ids"));
  if (diff_ids.size() != image.layers.size()) {
    return InvalidArgument("config has " + std::to_string(diff_ids.size()) +
                           " diff ids, archive has " + std::to_string(image.layers.size()) +
                           " layers");
  }
  TRY(MakeManifest(image, store));
  return image;
}

}  // namespace

Result<std::vector<ArchiveImage>> ImagesOfDockerManifest(const std::string& manifest,
                                                         const ArchiveFiles& files,
                                                         ContentStore& store) {
  TRY_ASSIGN(Json json, ParseJson(manifest));
  if (!json.is_array()) return InvalidArgument("archive: manifest.json is no list");
  if (json.size() > kMaxImages) return InvalidArgument("archive: too many images");
  std::vector<ArchiveImage> images;
  for (const Json& one : json) {
    Result<ArchiveImage> image = OneImage(one, files, store);
    if (!image) return std::move(image.error()).Wrap("archive: manifest.json");
    images.push_back(std::move(image).value());
  }
  return images;
}

}  // namespace onggi
