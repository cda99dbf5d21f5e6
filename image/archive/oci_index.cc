#include <algorithm>

#include "base/json.h"
#include "base/strings.h"
#include "image/archive/manifest_reader.h"

namespace onggi {
namespace {

constexpr size_t kMaxManifest = 4 << 20;
constexpr size_t kMaxConfig = 8 << 20;
constexpr size_t kMaxDescriptors = 1024;
constexpr int kMaxNesting = 4;

constexpr std::string_view kIndexTypes[] = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json"};
constexpr std::string_view kManifestTypes[] = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json"};
constexpr std::string_view kConfigTypes[] = {"application/vnd.oci.image.config.v1+json",
                                             "application/vnd.docker.container.image.v1+json"};

template <size_t N>
bool IsOneOf(std::string_view text, const std::string_view (&list)[N]) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

struct Descriptor {
  Digest digest;
  uint64_t size = 0;
  std::string media_type;
};

Result<Descriptor> ReadDescriptor(const Json& json) {
  TRY_ASSIGN(std::string digest, JsonString(json, "digest"));
  Descriptor descriptor;
  TRY_ASSIGN(descriptor.digest, Digest::Parse(digest));
  TRY_ASSIGN(descriptor.size, JsonUint(json, "size"));
  TRY_ASSIGN(descriptor.media_type, JsonString(json, "mediaType"));
  return descriptor;
}

// Only names that say a repository: a bare "latest" is no image's name.
Result<std::vector<std::string>> NamesOf(const Json& descriptor) {
  TRY_ASSIGN(auto annotations, JsonStringMap(descriptor, "annotations"));
  for (const char* key : {"io.containerd.image.name", "org.opencontainers.image.ref.name"}) {
    auto found = annotations.find(key);
    if (found == annotations.end()) continue;
    if (found->second.find_first_of("/:") == std::string::npos) continue;
    return std::vector<std::string>{found->second};
  }
  return std::vector<std::string>();
}

class IndexReader {
 public:
  IndexReader(const ContentStore& store, const ReadArchiveOptions& options)
      : store_(store), options_(options) {}

  Result<> Index(const std::string& text, const std::vector<std::string>& names, int depth) {
    if (depth > kMaxNesting) return InvalidArgument("index nested too deep");
    TRY_ASSIGN(Json json, ParseJson(text));
    if (json.contains("layers") || json.contains("config")) {
      return InvalidArgument("index: is an index and a manifest at once");
    }
    TRY_ASSIGN(Json manifests, JsonArray(json, "manifests"));
    if (manifests.size() > kMaxDescriptors) return InvalidArgument("index: too many manifests");
    for (const Json& one : manifests) TRY(Entry(one, names, depth));
    return Ok();
  }

  std::vector<ArchiveImage> Take() { return std::move(images_); }

 private:
  Result<> Entry(const Json& json, std::vector<std::string> names, int depth) {
    TRY_ASSIGN(Descriptor descriptor, ReadDescriptor(json));
    // An index from a registry names platforms that nobody put into the archive.
    if (!store_.Has(descriptor.digest)) return Ok();
    TRY_ASSIGN(bool wanted, IsWanted(JsonMember(json, "platform")));
    if (!wanted) return Ok();
    TRY_ASSIGN(std::vector<std::string> own, NamesOf(json));
    names.insert(names.end(), own.begin(), own.end());
    TRY_ASSIGN(std::string text, ReadBlob(descriptor, kMaxManifest));
    if (IsOneOf(descriptor.media_type, kIndexTypes)) return Index(text, names, depth + 1);
    if (!IsOneOf(descriptor.media_type, kManifestTypes)) return Ok();
    return Manifest(descriptor, std::move(text), std::move(names));
  }

  Result<bool> IsWanted(const Json& platform) const {
    if (!platform.is_object()) return true;
    TRY_ASSIGN(std::string os, JsonString(platform, "os"));
    TRY_ASSIGN(std::string architecture, JsonString(platform, "architecture"));
    if (os == "unknown") return false;  // attestations
    return (options_.os.empty() || os == options_.os) &&
           (options_.architecture.empty() || architecture == options_.architecture);
  }

  Result<std::string> ReadBlob(const Descriptor& descriptor, size_t limit) const {
    TRY_ASSIGN(std::string text, store_.Read(descriptor.digest, limit));
    if (text.size() == descriptor.size) return text;
    return Error(Code::kDataLoss, "blob " + descriptor.digest.text() + ": expected " +
                                      std::to_string(descriptor.size) + " bytes, got " +
                                      std::to_string(text.size()));
  }

  Result<> Manifest(const Descriptor& descriptor, std::string text,
                    std::vector<std::string> names) {
    TRY_ASSIGN(Json json, ParseJson(text));
    if (json.contains("manifests")) {
      return InvalidArgument("manifest: is an index and a manifest at once");
    }
    TRY_ASSIGN(std::string media_type,
               JsonString(json, "mediaType", std::string(descriptor.media_type)));
    if (media_type != descriptor.media_type) {
      return InvalidArgument("manifest " + descriptor.digest.text() + ": media type differs");
    }
    TRY_ASSIGN(Descriptor config, ReadDescriptor(JsonMember(json, "config")));
    if (!IsOneOf(config.media_type, kConfigTypes)) return Ok();  // an artifact, no image
    ArchiveImage image;
    image.manifest = std::move(text);
    image.manifest_digest = descriptor.digest;
    image.manifest_media_type = descriptor.media_type;
    image.names = std::move(names);
    TRY_ASSIGN(Json layers, JsonArray(json, "layers"));
    if (layers.size() > kMaxDescriptors) return InvalidArgument("manifest: too many layers");
    for (const Json& one : layers) {
      TRY_ASSIGN(Descriptor layer, ReadDescriptor(one));
      TRY_ASSIGN(bool here, IsHere(layer));
      if (!here) return Ok();
      image.layers.push_back({layer.digest, layer.size, layer.media_type});
    }
    if (!store_.Has(config.digest)) return Ok();
    TRY_ASSIGN(image.config, ReadBlob(config, kMaxConfig));
    image.config_digest = config.digest;
    Merge(std::move(image));
    return Ok();
  }

  Result<bool> IsHere(const Descriptor& layer) const {
    if (!store_.Has(layer.digest)) return false;
    TRY_ASSIGN(BlobInfo blob, store_.Stat(layer.digest));
    if (blob.size == layer.size) return true;
    return Error(Code::kDataLoss, "layer " + layer.digest.text() + ": expected " +
                                      std::to_string(layer.size) + " bytes, got " +
                                      std::to_string(blob.size));
  }

  // The same manifest under several names is one image.
  void Merge(ArchiveImage image) {
    for (ArchiveImage& known : images_) {
      if (known.manifest_digest != image.manifest_digest) continue;
      for (std::string& name : image.names) {
        if (std::count(known.names.begin(), known.names.end(), name) == 0) {
          known.names.push_back(std::move(name));
        }
      }
      return;
    }
    images_.push_back(std::move(image));
  }

  const ContentStore& store_;
  const ReadArchiveOptions& options_;
  std::vector<ArchiveImage> images_;
};

}  // namespace

Result<std::vector<ArchiveImage>> ImagesOfOciIndex(const std::string& index,
                                                   const ContentStore& store,
                                                   const ReadArchiveOptions& options) {
  IndexReader reader(store, options);
  TRY(reader.Index(index, {}, 0).Wrap("archive: index.json"));
  return reader.Take();
}

}  // namespace onggi
