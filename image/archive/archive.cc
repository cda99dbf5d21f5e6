#include "image/archive/archive.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "image/archive/archive_files.h"
#include "image/archive/manifest_reader.h"
#include "image/layer/byte_sink.h"
#include "image/layer/tar_writer.h"

namespace onggi {
namespace {

constexpr size_t kCopyBlock = 256 << 10;
constexpr char kBlobFolder[] = "blobs/sha256/";

// manifest.json says names that the index of the same archive may not.
Result<> AddDockerNames(const std::string& manifest, const ArchiveFiles& files,
                        std::vector<ArchiveImage>& images) {
  TRY_ASSIGN(Json json, ParseJson(manifest));
  for (const Json& one : json) {
    TRY_ASSIGN(std::string config_name, JsonString(one, "Config"));
    TRY_ASSIGN(std::vector<std::string> names, JsonStrings(one, "RepoTags"));
    Result<BlobInfo> config = files.Blob(config_name);
    if (!config) continue;
    for (ArchiveImage& image : images) {
      if (image.config_digest != config->digest) continue;
      for (const std::string& name : names) {
        if (std::count(image.names.begin(), image.names.end(), name) == 0) {
          image.names.push_back(name);
        }
      }
    }
  }
  return Ok();
}

class ArchiveWriter {
 public:
  ArchiveWriter(const ContentStore& store, int fd) : store_(store), out_(fd), tar_(out_) {}

  Result<> Bytes(const std::string& path, std::string_view bytes) {
    TRY(tar_.Add(File(path, bytes.size())));
    return tar_.Write(bytes);
  }

  // Once for each digest.
  Result<> Blob(const Digest& digest) {
    if (!written_.insert(digest).second) return Ok();
    TRY_ASSIGN(BlobInfo blob, store_.Stat(digest));
    TRY_ASSIGN(UniqueFd fd, store_.Open(digest));
    TRY(tar_.Add(File(kBlobFolder + std::string(digest.hex()), blob.size)));
    FdSource source(fd.get());
    std::string buffer(kCopyBlock, '\0');
    while (true) {
      TRY_ASSIGN(size_t got, source.Read(buffer));
      if (got == 0) return Ok();
      TRY(tar_.Write({buffer.data(), got}));
    }
  }

  Result<> Document(const Digest& digest, const std::string& bytes) {
    if (!written_.insert(digest).second) return Ok();
    return Bytes(kBlobFolder + std::string(digest.hex()), bytes);
  }

  Result<> Finish() {
    TRY(tar_.Finish());
    return Ok();
  }

 private:
  // No time and no owner: the same images give the same archive.
  static LayerEntry File(std::string path, uint64_t size) {
    LayerEntry entry;
    entry.path = std::move(path);
    entry.mode = 0644;
    entry.size = size;
    return entry;
  }

  const ContentStore& store_;
  FdSink out_;
  TarWriter tar_;
  std::set<Digest> written_;
};

OrderedJson IndexEntry(const ArchiveImage& image, const std::string& name) {
  OrderedJson json;
  json["mediaType"] = image.manifest_media_type;
  json["digest"] = image.manifest_digest.text();
  json["size"] = image.manifest.size();
  if (name.empty()) return json;
  size_t colon = name.rfind(':');
  json["annotations"]["io.containerd.image.name"] = name;
  bool tagged = colon != std::string::npos && name.find('/', colon) == std::string::npos;
  json["annotations"]["org.opencontainers.image.ref.name"] = tagged ? name.substr(colon + 1) : name;
  return json;
}

std::string IndexJson(const std::vector<ArchiveImage>& images) {
  OrderedJson json;
  json["schemaVersion"] = 2;
  json["mediaType"] = "application/vnd.oci.image.index.v1+json";
  json["manifests"] = OrderedJson::array();
  for (const ArchiveImage& image : images) {
    if (image.names.empty()) json["manifests"].push_back(IndexEntry(image, ""));
    for (const std::string& name : image.names) {
      json["manifests"].push_back(IndexEntry(image, name));
    }
  }
  return DumpJson(json);
}

std::string DockerManifestJson(const std::vector<ArchiveImage>& images) {
  OrderedJson json = OrderedJson::array();
  for (const ArchiveImage& image : images) {
    OrderedJson one;
    one["Config"] = kBlobFolder + std::string(image.config_digest.hex());
    one["RepoTags"] = image.names;
    one["Layers"] = OrderedJson::array();
    for (const ArchiveLayer& layer : image.layers) {
      one["Layers"].push_back(kBlobFolder + std::string(layer.digest.hex()));
    }
    json.push_back(std::move(one));
  }
  return DumpJson(json);
}

}  // namespace

Result<std::vector<ArchiveImage>> ReadArchive(int fd, ContentStore& store,
                                              const ReadArchiveOptions& options) {
  FdSource input(fd);
  TRY_ASSIGN(std::unique_ptr<DecompressSource> plain, Decompress(input));
  BufferedBlocks blocks(*plain);
  TarReader tar(blocks);
  ArchiveFiles files(store);
  TRY(files.ReadAll(tar, options.cancel));
  const std::string* index = files.Document("index.json");
  const std::string* docker = files.Document("manifest.json");
  std::vector<ArchiveImage> images;
  // The layout first: it keeps the manifest that the image was pulled or built with.
  if (index != nullptr && files.Document("oci-layout") != nullptr) {
    TRY_ASSIGN(images, ImagesOfOciIndex(*index, store, options));
    if (docker != nullptr) TRY(AddDockerNames(*docker, files, images));
  }
  if (images.empty() && docker != nullptr) {
    TRY_ASSIGN(images, ImagesOfDockerManifest(*docker, files, store));
  }
  if (!images.empty()) return images;
  if (index == nullptr && docker == nullptr) {
    return InvalidArgument("no archive of images: it holds neither manifest.json nor index.json");
  }
  return InvalidArgument("archive: no complete image for this platform in it");
}

Result<> WriteArchive(const std::vector<ArchiveImage>& images, const ContentStore& store,
                      ArchiveFormat format, int fd) {
  ArchiveWriter writer(store, fd);
  TRY(writer.Bytes("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"));
  for (const ArchiveImage& image : images) {
    for (const ArchiveLayer& layer : image.layers) TRY(writer.Blob(layer.digest));
    TRY(writer.Document(image.config_digest, image.config));
    TRY(writer.Document(image.manifest_digest, image.manifest));
  }
  TRY(writer.Bytes("index.json", IndexJson(images)));
  if (format == ArchiveFormat::kDocker) {
    TRY(writer.Bytes("manifest.json", DockerManifestJson(images)));
  }
  return writer.Finish();
}

}  // namespace onggi
