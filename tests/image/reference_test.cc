#include "image/reference.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;

const std::string kHex(64, 'a');
const std::string kDigest = "sha256:" + kHex;

std::string Normal(const std::string& text) {
  auto reference = Reference::Parse(text);
  return reference ? reference->Text() : "error: " + reference.error().message();
}

TEST(Reference, IsNormalisedAsDockerDoes) {
  EXPECT_EQ(Normal("nginx"), "docker.io/library/nginx:latest");
  EXPECT_EQ(Normal("nginx:1.25"), "docker.io/library/nginx:1.25");
  EXPECT_EQ(Normal("user/app"), "docker.io/user/app:latest");
  EXPECT_EQ(Normal("docker.io/nginx"), "docker.io/library/nginx:latest");
  EXPECT_EQ(Normal("index.docker.io/library/nginx"), "docker.io/library/nginx:latest");
  EXPECT_EQ(Normal("localhost/a"), "localhost/a:latest");
  EXPECT_EQ(Normal("localhost:5000/a/b:1"), "localhost:5000/a/b:1");
  EXPECT_EQ(Normal("quay.io/x/y"), "quay.io/x/y:latest");
  EXPECT_EQ(Normal("Registry/x"), "Registry/x:latest");
  EXPECT_EQ(Normal("[::1]:5000/x"), "[::1]:5000/x:latest");
  EXPECT_EQ(Normal("a__b/c--d.e:V_1.0-x"), "docker.io/a__b/c--d.e:V_1.0-x");
}

TEST(Reference, ADigestTakesThePlaceOfATag) {
  EXPECT_EQ(Normal("nginx@" + kDigest), "docker.io/library/nginx@" + kDigest);
  EXPECT_EQ(Normal("h:1/nginx:1.2@" + kDigest), "h:1/nginx@" + kDigest);
  EXPECT_EQ(Reference::Parse("x@" + kDigest)->Selector(), kDigest);
}

TEST(Reference, UrlsAreTaken) {
  EXPECT_EQ(Normal("https://quay.io/x/y:1"), "quay.io/x/y:1");
  EXPECT_EQ(Normal("docker://nginx"), "docker.io/library/nginx:latest");
  EXPECT_THAT(Reference::Parse("http://h:5000/x"),
              FailsWith(Code::kInvalidArgument, "registry.mirrors"));
  EXPECT_THAT(Reference::Parse("https://nginx"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(Reference::Parse("oci://h/x"), FailsWith(Code::kInvalidArgument, "scheme"));
}

TEST(Reference, TheShortFormIsDockers) {
  EXPECT_EQ(Reference::Parse("nginx")->Familiar(), "nginx:latest");
  EXPECT_EQ(Reference::Parse("user/app:1")->Familiar(), "user/app:1");
  EXPECT_EQ(Reference::Parse("library/a/b")->Familiar(), "library/a/b:latest");
  EXPECT_EQ(Reference::Parse("quay.io/x:1")->Familiar(), "quay.io/x:1");
}

TEST(Reference, WhatIsNoNameIsRefused) {
  for (const std::string& text : {std::string(""),
                                  std::string("Nginx"),
                                  std::string("a:"),
                                  std::string("a b"),
                                  std::string("a//b"),
                                  std::string("-a"),
                                  std::string("a-"),
                                  std::string("a..b"),
                                  std::string("a___b"),
                                  std::string("/a"),
                                  std::string("a/"),
                                  std::string("a:b:c"),
                                  std::string("a:.x"),
                                  std::string("h:99999/a"),
                                  std::string("h:0/a"),
                                  std::string("h:/a"),
                                  std::string("a@sha256:1234"),
                                  "a@sha256:" + std::string(64, 'A'),
                                  "a@md5:" + std::string(32, 'a'),
                                  std::string("a@sha256:../../etc"),
                                  std::string("a\nb"),
                                  std::string("a%2e"),
                                  "a:" + std::string(129, 'x'),
                                  std::string(300, 'a'),
                                  kHex,
                                  std::string("-h.x/a"),
                                  std::string("../a"),
                                  std::string("a/../b"),
                                  std::string("x:a/b")}) {
    EXPECT_THAT(Reference::Parse(text), FailsWith(Code::kInvalidArgument)) << text;
  }
}

TEST(Reference, IdsAndTheirBeginningsAreTold) {
  EXPECT_EQ(IdPrefix("sha256:abc").value_or(""), "abc");
  EXPECT_EQ(IdPrefix("0123").value_or(""), "0123");
  EXPECT_FALSE(IdPrefix("nginx"));
  EXPECT_FALSE(IdPrefix("sha256:"));
  EXPECT_FALSE(IdPrefix(kHex + "a"));
}

}  // namespace
}  // namespace onggi
