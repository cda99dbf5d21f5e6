#include "image/archive/archive.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <thread>

#include "base/file_io.h"
#include "base/json.h"
#include "base/temp_dir.h"
#include "tests/image/layer/compress.h"
#include "tests/image/layer/tar_builder.h"

namespace onggi {
namespace {

class Archive : public testing::Test {
 protected:
  void SetUp() override {
    Result<TempDir> dir = TempDir::Make();
    ASSERT_TRUE(dir);
    dir_ = std::make_unique<TempDir>(std::move(dir).value());
    store_ = NewStore("content");
  }
  std::unique_ptr<ContentStore> NewStore(const std::string& name) {
    Result<std::unique_ptr<ContentStore>> store = ContentStore::Open(dir_->path() + "/" + name);
    CHECK(store);
    return std::move(store).value();
  }

  // Through a pipe: nothing may seek.
  Result<std::vector<ArchiveImage>> Read(const std::string& bytes,
                                         ReadArchiveOptions options = {}) {
    Result<Pipe> pipe = MakePipe();
    CHECK(pipe);
    std::thread writer([&] {
      (void)WriteAll(pipe->write.get(), bytes);  // the reader may stop early
      pipe->write.reset();
    });
    Result<std::vector<ArchiveImage>> images = ReadArchive(pipe->read.get(), *store_, options);
    char rest[4096];
    while (read(pipe->read.get(), rest, sizeof(rest)) > 0) {
    }
    writer.join();
    return images;
  }

  static std::string Layer(const std::string& name) {
    return TarBuilder().File(name, "content of " + name).End();
  }
  static std::string Config(const std::vector<std::string>& layers) {
    OrderedJson json;
    json["architecture"] = "amd64";
    json["os"] = "linux";
    json["rootfs"]["type"] = "layers";
    json["rootfs"]["diff_ids"] = OrderedJson::array();
    for (const std::string& layer : layers) {
      json["rootfs"]["diff_ids"].push_back(Digest::Of(layer).text());
    }
    return DumpJson(json);
  }
  static std::string BlobPath(const std::string& bytes) {
    return "blobs/sha256/" + std::string(Digest::Of(bytes).hex());
  }

  std::unique_ptr<TempDir> dir_;
  std::unique_ptr<ContentStore> store_;
};

TEST_F(Archive, ReadsDockerArchiveWithSymlinkedLayers) {
  std::string a = Layer("a");
  std::string b = Gzip(Layer("b"));
  std::string config = Config({a, Layer("b"), a});
  std::string hex(Digest::Of(config).hex());
  std::string tar =
      TarBuilder()
          .Dir("1111/")
          .File("1111/VERSION", "1.0")
          .File("1111/json", "{}")
          .File("1111/layer.tar", a)
          .File("2222/layer.tar", b)
          .Symlink("3333/layer.tar", "../1111/layer.tar")
          .File(hex + ".json", config)
          .File("repositories", "{}")
          .File("manifest.json", "[{\"Config\":\"" + hex +
                                     ".json\",\"RepoTags\":[\"busybox:1\",\"box:2\"],\"Layers\":["
                                     "\"1111/layer.tar\",\"2222/layer.tar\",\"3333/layer.tar\"]}]")
          .End();
  for (const std::string& bytes : {tar, Gzip(tar), Zstd(tar)}) {
    Result<std::vector<ArchiveImage>> images = Read(bytes);
    ASSERT_TRUE(images) << images.error().message();
    ASSERT_EQ(images->size(), 1u);
    const ArchiveImage& image = images->front();
    EXPECT_EQ(image.names, (std::vector<std::string>{"busybox:1", "box:2"}));
    EXPECT_EQ(image.config, config);
    EXPECT_EQ(image.config_digest, Digest::Of(config));
    ASSERT_EQ(image.layers.size(), 3u);
    EXPECT_EQ(image.layers[0].digest, Digest::Of(a));
    EXPECT_EQ(image.layers[1].digest, Digest::Of(b));
    EXPECT_EQ(image.layers[1].media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
    EXPECT_EQ(image.layers[2].digest, Digest::Of(a));
    EXPECT_EQ(image.manifest_digest, Digest::Of(image.manifest));
    EXPECT_TRUE(store_->Has(image.manifest_digest));
    EXPECT_EQ(*store_->Read(image.layers[0].digest, 1 << 20), a);
  }
}

TEST_F(Archive, WhatIsWrittenReadsBackEqual) {
  std::string a = Gzip(Layer("a"));
  std::string b = Layer("b");
  std::vector<ArchiveImage> images;
  for (int i = 0; i < 2; ++i) {
    std::string config = Config(i == 0 ? std::vector<std::string>{Layer("a")}
                                       : std::vector<std::string>{Layer("a"), b});
    std::string hex(Digest::Of(config).hex());
    TarBuilder tar;
    tar.File("a.tar", a).File("b.tar", b).File(hex + ".json", config);
    std::string layers = i == 0 ? "\"a.tar\"" : "\"a.tar\",\"b.tar\"";
    tar.File("manifest.json", "[{\"Config\":\"" + hex + ".json\",\"RepoTags\":[\"localhost/i:" +
                                  std::to_string(i) + "\"],\"Layers\":[" + layers + "]}]");
    Result<std::vector<ArchiveImage>> one = Read(tar.End());
    ASSERT_TRUE(one) << one.error().message();
    images.push_back(one->front());
  }
  for (ArchiveFormat format : {ArchiveFormat::kDocker, ArchiveFormat::kOci}) {
    std::string path = dir_->path() + "/out.tar";
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    ASSERT_TRUE(WriteArchive(images, *store_, format, fd.get()));
    ASSERT_EQ(lseek(fd.get(), 0, SEEK_SET), 0);
    auto other = NewStore(format == ArchiveFormat::kDocker ? "docker" : "oci");
    Result<std::vector<ArchiveImage>> back = ReadArchive(fd.get(), *other);
    ASSERT_TRUE(back) << back.error().message();
    ASSERT_EQ(back->size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ((*back)[i].manifest, images[i].manifest);
      EXPECT_EQ((*back)[i].config_digest, images[i].config_digest);
      EXPECT_EQ((*back)[i].names, images[i].names);
      ASSERT_EQ((*back)[i].layers.size(), images[i].layers.size());
      for (const ArchiveLayer& layer : (*back)[i].layers) EXPECT_TRUE(other->Verify(layer.digest));
    }
  }
}

TEST_F(Archive, TakesOnlyTheWantedPlatformOfAnOciIndex) {
  std::string layer = Layer("a");
  std::string config = Config({layer});
  auto descriptor = [](const std::string& type, const std::string& bytes) {
    return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + Digest::Of(bytes).text() +
           "\",\"size\":" + std::to_string(bytes.size());
  };
  const std::string kManifest = "application/vnd.oci.image.manifest.v1+json";
  auto manifest = [&](const std::string& note) {
    return "{\"schemaVersion\":2,\"mediaType\":\"" + kManifest +
           "\",\"config\":" + descriptor("application/vnd.oci.image.config.v1+json", config) +
           "},\"layers\":[" + descriptor("application/vnd.oci.image.layer.v1.tar", layer) +
           "}],\"annotations\":{\"n\":\"" + note + "\"}}";
  };
  std::string amd = manifest("amd");
  std::string arm = manifest("arm");
  std::string absent = manifest("absent");
  auto platform = [](const std::string& name) {
    return ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + name + "\"}}";
  };
  std::string nested = "{\"schemaVersion\":2,\"manifests\":[" + descriptor(kManifest, amd) +
                       platform("amd64") + "," + descriptor(kManifest, arm) + platform("arm64") +
                       "," + descriptor(kManifest, absent) + platform("s390x") + "]}";
  std::string index = "{\"schemaVersion\":2,\"manifests\":[" +
                      descriptor("application/vnd.oci.image.index.v1+json", nested) +
                      ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"a/b:c\"}}]}";
  std::string tar = TarBuilder()
                        .File("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}")
                        .File("index.json", index)
                        .File(BlobPath(nested), nested)
                        .File(BlobPath(amd), amd)
                        .File(BlobPath(arm), arm)
                        .File(BlobPath(config), config)
                        .File(BlobPath(layer), layer)
                        .End();
  Result<std::vector<ArchiveImage>> images = Read(tar, {.os = "linux", .architecture = "arm64"});
  ASSERT_TRUE(images) << images.error().message();
  ASSERT_EQ(images->size(), 1u);
  EXPECT_EQ(images->front().manifest, arm);
  EXPECT_EQ(images->front().names, std::vector<std::string>{"a/b:c"});
  EXPECT_EQ(Read(tar)->size(), 2u);
  Result<std::vector<ArchiveImage>> none = Read(tar, {.os = "linux", .architecture = "s390x"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), Code::kInvalidArgument);
}

TEST_F(Archive, RefusesLies) {
  std::string layer = Layer("a");
  std::string config = Config({layer});
  std::string hex(Digest::Of(config).hex());
  std::string wrong(64, 'a');
  auto docker = [&](const std::string& config_name, const std::string& layers) {
    return "[{\"Config\":\"" + config_name + "\",\"RepoTags\":null,\"Layers\":[" + layers + "]}]";
  };
  auto with = [&](const std::string& config_name, const std::string& manifest) {
    return TarBuilder()
        .File("l.tar", layer)
        .File(config_name, config)
        .File("manifest.json", manifest)
        .End();
  };
  ASSERT_TRUE(Read(with(hex + ".json", docker(hex + ".json", "\"l.tar\""))));
  struct {
    std::string name;
    std::string tar;
    Code code;
  } cases[] = {
      {"config digest", with(wrong + ".json", docker(wrong + ".json", "\"l.tar\"")),
       Code::kDataLoss},
      {"missing layer", with("c.json", docker("c.json", "\"m.tar\"")), Code::kNotFound},
      {"layer count", with("c.json", docker("c.json", "")), Code::kInvalidArgument},
      {"layer outside", with("c.json", docker("c.json", "\"../l.tar\"")), Code::kInvalidArgument},
      {"no list", with("c.json", "{}"), Code::kInvalidArgument},
      {"no JSON", with("c.json", "["), Code::kInvalidArgument},
      {"no archive", TarBuilder().File("a", "b").End(), Code::kInvalidArgument},
      {"no tar", std::string(2000, 'x'), Code::kInvalidArgument},
      {"blob digest", TarBuilder().File("blobs/sha256/" + wrong, "x").End(), Code::kDataLoss},
      {"blob name", TarBuilder().File("blobs/sha256/abc", "x").End(), Code::kInvalidArgument},
      {"climbing", TarBuilder().File("../a", "x").End(), Code::kInvalidArgument},
      {"endless link",
       TarBuilder()
           .Symlink("l.tar", "l.tar")
           .File("c.json", config)
           .File("manifest.json", docker("c.json", "\"l.tar\""))
           .End(),
       Code::kNotFound},
      {"truncated", with("c.json", docker("c.json", "\"l.tar\"")).substr(0, 1000), Code::kDataLoss},
  };
  for (const auto& one : cases) {
    Result<std::vector<ArchiveImage>> images = Read(one.tar);
    ASSERT_FALSE(images) << one.name;
    EXPECT_EQ(images.error().code(), one.code) << one.name << ": " << images.error().message();
  }
  EXPECT_FALSE(store_->Has(Digest::Of("x")));
}

}  // namespace
}  // namespace onggi
