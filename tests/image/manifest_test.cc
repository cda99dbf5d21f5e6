#include "image/manifest.h"

#include <gtest/gtest.h>

#include "image/platform.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

const std::string kHex(64, 'b');
const std::string kConfig = R"("config":{"mediaType":"application/vnd.oci.image.config.v1+json",)"
                            R"("digest":"sha256:)" +
                            kHex + R"(","size":10})";
const std::string kLayer = R"({"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip",)"
                           R"("digest":"sha256:)" +
                           kHex + R"(","size":7})";

std::string ManifestWith(const std::string& more) {
  return "{\"schemaVersion\":2," + kConfig + ",\"layers\":[" + kLayer + "]" + more + "}";
}

std::string Entry(const std::string& os, const std::string& architecture,
                  const std::string& variant, char digest) {
  return R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","size":5,"digest":"sha256:)" +
         std::string(64, digest) + R"(","platform":{"os":")" + os + R"(","architecture":")" +
         architecture + R"(","variant":")" + variant + "\"}}";
}

Result<char> Choose(const std::vector<std::string>& entries, const std::string& platform) {
  std::string text = R"({"schemaVersion":2,"manifests":[)";
  for (size_t i = 0; i < entries.size(); ++i) text += (i > 0 ? "," : "") + entries[i];
  TRY_ASSIGN(ManifestDocument document, ParseManifest(text + "]}", media_type::kOciIndex));
  TRY_ASSIGN(Platform wanted, ParsePlatform(platform));
  TRY_ASSIGN(Descriptor chosen, ChooseManifest(std::get<ImageIndex>(document), wanted));
  return chosen.digest.hex()[0];
}

TEST(Manifest, IsReadWithItsLayersInOrder) {
  auto document = ParseManifest(ManifestWith(""), media_type::kOciManifest);
  ASSERT_THAT(document, IsOk());
  const Manifest& manifest = std::get<Manifest>(*document);
  EXPECT_EQ(manifest.layers.size(), 1u);
  EXPECT_EQ(manifest.layers[0].size, 7u);
  EXPECT_EQ(ContentSize(manifest), 17u);
}

TEST(Manifest, WhatCouldBeReadTwoWaysIsRefused) {
  struct Case {
    std::string text;
    std::string_view type;
  };
  const std::string oci(media_type::kOciManifest);
  for (const Case& bad : std::vector<Case>{
           {ManifestWith(",\"manifests\":[]"), media_type::kOciManifest},
           {ManifestWith(",\"manifests\":[]"), media_type::kOciIndex},
           {ManifestWith(""), media_type::kOciIndex},
           {ManifestWith(""), "application/vnd.docker.distribution.manifest.v1+prettyjws"},
           {ManifestWith(",\"mediaType\":\"" + std::string(media_type::kDockerManifest) + "\""),
            media_type::kOciManifest},
           {ManifestWith(",\"layers\":[]"), media_type::kOciManifest},
           {ManifestWith(",\"Layers\":[]"), media_type::kOciManifest},
           {ManifestWith(",\"fsLayers\":[]"), media_type::kOciManifest},
           {ManifestWith(",\"mediaType\":\"text/html\""), ""},
           {ManifestWith(",\"mediaType\":7"), ""},
           {"{\"schemaVersion\":1," + kConfig + ",\"layers\":[]}", ""},
           {"[]", ""},
           {"", ""},
           {"{\"schemaVersion\":2,\"layers\":[]}", oci},
           {"{\"schemaVersion\":2,\"manifests\":[1]}", media_type::kOciIndex},
       }) {
    EXPECT_THAT(ParseManifest(bad.text, bad.type), FailsWith(Code::kInvalidArgument)) << bad.text;
  }
}

TEST(Manifest, DigestsAndSizesAreCheckedBeforeUse) {
  for (const std::string& digest :
       {std::string("sha256:../../x"), "sha256:" + std::string(64, 'B'), std::string("sha256:ab"),
        "md5:" + std::string(32, 'a'), std::string("")}) {
    std::string text = R"({"schemaVersion":2,"manifests":[{"size":1,"digest":")" + digest + "\"}]}";
    EXPECT_THAT(ParseManifest(text, ""), FailsWith(Code::kInvalidArgument)) << digest;
  }
  for (const char* size : {"-1", "1e30", "99999999999999999999", "\"1\"", "9223372036854775807"}) {
    std::string text = R"({"schemaVersion":2,"manifests":[{"digest":"sha256:)" + kHex +
                       "\",\"size\":" + size + "}]}";
    EXPECT_THAT(ParseManifest(text, ""), FailsWith(Code::kInvalidArgument)) << size;
  }
}

TEST(Manifest, MoreLayersThanAnybodyNeedsAreRefused) {
  std::string text = "{\"schemaVersion\":2," + kConfig + ",\"layers\":[" + kLayer;
  for (size_t i = 0; i < kDescriptorLimit; ++i) text += "," + kLayer;
  EXPECT_THAT(ParseManifest(text + "]}", ""), FailsWith(Code::kInvalidArgument, "1025 layers"));
}

TEST(Manifest, AnArtifactIsNoImage) {
  std::string text = ManifestWith("");
  text.replace(text.find("oci.image.config"), 16, "cncf.helm.config");
  EXPECT_THAT(ParseManifest(text, ""), FailsWith(Code::kInvalidArgument, "not a container image"));
}

TEST(Platform, TheBestVariantThatRunsIsChosen) {
  std::vector<std::string> arm{Entry("linux", "arm", "v5", '5'), Entry("linux", "arm", "v6", '6'),
                               Entry("linux", "arm", "v7", '7'),
                               Entry("linux", "arm64", "v8", '8')};
  EXPECT_EQ(Choose(arm, "linux/arm/v7").value_or('x'), '7');
  EXPECT_EQ(Choose(arm, "linux/arm/v6").value_or('x'), '6');
  EXPECT_EQ(Choose(arm, "linux/arm64").value_or('x'), '8');
  EXPECT_EQ(Choose(arm, "aarch64").value_or('x'), '8');
  EXPECT_THAT(Choose(arm, "linux/amd64"), FailsWith(Code::kNotFound, "linux/arm/v7"));
  std::vector<std::string> amd{Entry("linux", "amd64", "v3", '3'), Entry("linux", "amd64", "", '1'),
                               Entry("windows", "amd64", "", 'e')};
  EXPECT_EQ(Choose(amd, "linux/amd64").value_or('x'), '1');
  EXPECT_EQ(Choose(amd, "linux/amd64/v3").value_or('x'), '3');
}

TEST(Platform, AttestationsAreNoImages) {
  EXPECT_THAT(Choose({Entry("unknown", "unknown", "", 'a')}, "linux/amd64"),
              FailsWith(Code::kNotFound, "there is none"));
}

}  // namespace
}  // namespace onggi
