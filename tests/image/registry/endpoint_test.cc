#include "image/registry/endpoint.h"

#include <gtest/gtest.h>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "image/registry/credential.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

std::string Text(const std::vector<Endpoint>& endpoints) {
  std::string text;
  for (const Endpoint& endpoint : endpoints) {
    text += endpoint.base.Text() + (endpoint.is_own ? " own" : "") +
            (endpoint.tls.skip_verify ? " unverified" : "") + (endpoint.can_push ? " push" : "") +
            "\n";
  }
  return text;
}

TEST(RegistryHosts, AHostWithoutConfigurationIsAskedByHttps) {
  RegistryHosts hosts({}, "");
  EXPECT_EQ(Text(hosts.EndpointsOf("docker.io").value()),
            "https://registry-1.docker.io/v2 own push\n");
  EXPECT_EQ(Text(hosts.EndpointsOf("localhost:5000").value()),
            "https://localhost:5000/v2 own push\n");
}

TEST(RegistryHosts, MirrorsComeFirstAndAnHttpSpellingReplacesTheHost) {
  RegistryHosts hosts(
      {{"a.example",
        {{.url = "https://m:5000", .skip_verify = true}, {.url = "https://proxy/cache/"}}},
       {"b:80", {{.url = "http://b"}}},
       {"c:5000", {{.url = "http://c:5000/v2/sub"}}}},
      "");
  EXPECT_EQ(
      Text(hosts.EndpointsOf("a.example").value()),
      "https://m:5000/v2 unverified\nhttps://proxy/cache/v2\nhttps://a.example/v2 own push\n");
  EXPECT_EQ(Text(hosts.EndpointsOf("c:5000").value()), "http://c:5000/v2/sub own push\n");
}

TEST(RegistryHosts, HostsTomlIsReadAsContainerdDoes) {
  TempDir dir = TempDir::Make().value();
  ASSERT_THAT(MakeDirs(dir.path() + "/h_5000_"), IsOk());
  ASSERT_THAT(WriteFileAtomic(dir.path() + "/h_5000_/hosts.toml", R"(
server = "https://h:5000"
[host."http://mirror:1"]
  capabilities = ["pull"]
  ca = "own.pem"
  [host."http://mirror:1".header]
    authorization = "Basic x"
[host."https://other/v2/prefix"]
  override_path = true
  client = [["c.pem", "/k.pem"]]
)"),
              IsOk());
  RegistryHosts hosts({}, dir.path());
  auto endpoints = hosts.EndpointsOf("h:5000");
  ASSERT_THAT(endpoints, IsOk());
  EXPECT_EQ(Text(*endpoints),
            "http://mirror:1/v2\nhttps://other/v2/prefix push\nhttps://h:5000/v2 own push\n");
  EXPECT_FALSE((*endpoints)[0].can_resolve);
  EXPECT_EQ((*endpoints)[0].tls.ca_files.at(0), dir.path() + "/h_5000_/own.pem");
  EXPECT_EQ((*endpoints)[0].headers.at(0).first, "authorization");
  EXPECT_EQ((*endpoints)[1].tls.client_certificate, dir.path() + "/h_5000_/c.pem");
  EXPECT_EQ((*endpoints)[1].tls.client_key, "/k.pem");
  EXPECT_EQ(Text(hosts.EndpointsOf("unmentioned").value()), "https://unmentioned/v2 own push\n");
  ASSERT_THAT(WriteFileAtomic(dir.path() + "/h_5000_/hosts.toml", "server = "), IsOk());
  EXPECT_THAT(hosts.EndpointsOf("h:5000"), FailsWith(Code::kInvalidArgument, "hosts.toml: line 1"));
}

TEST(Credential, IsForTheHostItselfAndNobodyElse) {
  RegistryHosts hosts({{"a", {{.url = "https://mirror"}}}}, "");
  auto endpoints = hosts.EndpointsOf("a").value();
  RegistryAuth auth{.username = "u", .password = Secret("p")};
  EXPECT_TRUE(CredentialFor(endpoints[0], &auth)->empty());
  EXPECT_EQ(CredentialFor(endpoints[1], &auth)->username, "u");
  auth.server_address = "https://mirror/v2/";
  EXPECT_EQ(CredentialFor(endpoints[0], &auth)->username, "u");
  EXPECT_TRUE(CredentialFor(endpoints[1], &auth)->empty());
  auth.server_address = "elsewhere";
  EXPECT_TRUE(CredentialFor(endpoints[0], &auth)->empty());
  EXPECT_TRUE(CredentialFor(endpoints[1], &auth)->empty());
}

TEST(Credential, DockersOldServerAddressMeansDockerHub) {
  auto endpoints = RegistryHosts({}, "").EndpointsOf("docker.io").value();
  RegistryAuth auth{.auth = Secret(Base64Encode("me:p:w")),
                    .server_address = "https://index.docker.io/v1/"};
  auto credential = CredentialFor(endpoints[0], &auth);
  ASSERT_THAT(credential, IsOk());
  EXPECT_EQ(credential->username, "me");
  EXPECT_EQ(credential->password.Reveal(), "p:w");
  auth.auth = Secret("!!");
  EXPECT_THAT(CredentialFor(endpoints[0], &auth), FailsWith(Code::kInvalidArgument));
}

TEST(Base64, RoundTrips) {
  for (const std::string& text : {std::string(), std::string("a"), std::string("ab"),
                                  std::string("abc"), std::string("\xff\x00\x80", 3)}) {
    EXPECT_EQ(Base64Decode(Base64Encode(text)).value(), text);
  }
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
}

TEST(Url, IsTakenApartAndResolved) {
  auto url = Url::Parse("HTTPS://Host:443/a/b?x=1");
  ASSERT_THAT(url, IsOk());
  EXPECT_EQ(url->Origin(), "https://host");
  EXPECT_EQ(url->Resolve("/c?d")->Text(), "https://host/c?d");
  EXPECT_EQ(url->Resolve("http://other:8080/z")->Origin(), "http://other:8080");
  EXPECT_EQ(url->Display(), "https://host/a/b");
  EXPECT_THAT(Url::Parse("ftp://h/"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(Url::Parse("https://user:secret@h/"), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(url->Resolve("file:///etc/passwd"), FailsWith(Code::kInvalidArgument));
  EXPECT_FALSE(url->SameOrigin(*Url::Parse("http://host/")));
  EXPECT_FALSE(url->SameOrigin(*Url::Parse("https://host:444/")));
}

}  // namespace
}  // namespace onggi
