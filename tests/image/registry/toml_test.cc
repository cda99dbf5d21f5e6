#include "image/registry/toml.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

TEST(Toml, WhatHostsFilesUseIsRead) {
  auto root = ParseToml(R"(# comment
server = "https://a.example"   # after a value
plain = 'no \escape'
[host."https://mirror:5000"]
  capabilities = ["pull", "resolve",
    "push", ]
  skip_verify = true
  [host."https://mirror:5000".header]
    x-one = "1"
    x-two = ["a", "b"]
[host."https://second"]
client = [["a.pem", "b.pem"], ["c.pem", ""]]
limits = { low = 1, high.est = -2 }
)");
  ASSERT_THAT(root, IsOk());
  EXPECT_EQ(*TomlMember(*root, "server")->String(), "https://a.example");
  EXPECT_EQ(*TomlMember(*root, "plain")->String(), "no \\escape");
  const TomlTable& hosts = *TomlMember(*root, "host")->Table();
  ASSERT_EQ(hosts.size(), 2u);
  EXPECT_EQ(hosts[0].first, "https://mirror:5000");
  const TomlTable& first = *hosts[0].second.Table();
  EXPECT_EQ(TomlMember(first, "capabilities")->Array()->size(), 3u);
  EXPECT_TRUE(*TomlMember(first, "skip_verify")->Bool());
  EXPECT_EQ(TomlMember(first, "header")->Table()->size(), 2u);
  const TomlTable& second = *hosts[1].second.Table();
  EXPECT_EQ(TomlMember(second, "client")->Array()->at(0).Array()->size(), 2u);
  EXPECT_EQ(TomlMember(second, "limits")->Table()->size(), 2u);
}

TEST(Toml, DamageNamesItsLine) {
  for (const char* text :
       {"a", "a =", "a = \"x", "a = [1", "[a", "a = 1 2", "a = 1\na = 2", "[[a]]",
        "a = \"\"\"x\"\"\"", "a = 1.5", "= 1", "a = {b", "a = \"\\q\"", "a = 1\n[a]\nb = 2"}) {
    EXPECT_THAT(ParseToml(text), FailsWith(Code::kInvalidArgument, "line ")) << text;
  }
  EXPECT_THAT(ParseToml("a = 1\n\nb = ?"), FailsWith(Code::kInvalidArgument, "line 3"));
  EXPECT_THAT(ParseToml("a = " + std::string(100, '[')), FailsWith(Code::kInvalidArgument));
}

}  // namespace
}  // namespace onggi
