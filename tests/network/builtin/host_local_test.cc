#include "network/builtin/host_local.h"

#include <gmock/gmock.h>

#include "base/file_io.h"
#include "network/builtin/plugins.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi::testing {
namespace {

using ::testing::ElementsAre;

std::vector<RangeSet> Sets(const std::string& json) {
  auto ipam = ParseIpam(ParseJson(json).value());
  CHECK(ipam.has_value());
  return ipam->sets;
}

std::vector<std::string> Texts(const Result<std::vector<Lease>>& leases) {
  std::vector<std::string> out;
  if (!leases.has_value()) return {leases.error().message()};
  for (const Lease& lease : *leases) out.push_back(lease.address.WithPrefix());
  return out;
}

constexpr const char* kSmall = R"({"subnet":"10.0.0.0/29"})";  // .2 to .6 beside the gateway

TEST(HostLocal, GivesOutEachAddressOnceAndTheGatewayNever) {
  TempTree tree;
  HostLocal pool(tree / "net");
  for (const char* expected :
       {"10.0.0.2/29", "10.0.0.3/29", "10.0.0.4/29", "10.0.0.5/29", "10.0.0.6/29"}) {
    EXPECT_THAT(Texts(pool.Allocate(Sets(kSmall), {std::string("pod") + expected[7], "eth0", {}})),
                ElementsAre(expected));
  }
  EXPECT_THAT(pool.Allocate(Sets(kSmall), {"late", "eth0", {}}),
              FailsWith(Code::kResourceExhausted, "10.0.0.0/29"));
  EXPECT_THAT(pool.Release("pod4"), IsOk());
  EXPECT_THAT(Texts(pool.Allocate(Sets(kSmall), {"late", "eth0", {}})), ElementsAre("10.0.0.4/29"));
  EXPECT_EQ(tree.Read("net/10.0.0.4"), "late\r\neth0");
}

TEST(HostLocal, AnotherLifeGoesOnAfterTheLastAddress) {
  TempTree tree;
  { EXPECT_THAT(HostLocal(tree / "net").Allocate(Sets(kSmall), {"a", "eth0", {}}), IsOk()); }
  HostLocal pool(tree / "net");
  EXPECT_TRUE(pool.Holds("a"));
  EXPECT_THAT(pool.Release("a"), IsOk());
  EXPECT_FALSE(tree.Exists("net/10.0.0.2"));
  EXPECT_THAT(Texts(pool.Allocate(Sets(kSmall), {"b", "eth0", {}})), ElementsAre("10.0.0.3/29"));
}

TEST(HostLocal, KeepsClearOfAnotherProcess) {
  TempTree tree;
  HostLocal pool(tree / "net");
  EXPECT_FALSE(pool.Holds("x"));  // the directory is read
  for (const char* name : {"10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"})
    tree.File(std::string("net/") + name, "x\r\neth0");
  EXPECT_THAT(Texts(pool.Allocate(Sets(kSmall), {"a", "eth0", {}})), ElementsAre("10.0.0.6/29"));
  ASSERT_THAT(RemoveFile(tree / "net/10.0.0.4"), IsOk());
  EXPECT_THAT(Texts(pool.Allocate(Sets(kSmall), {"b", "eth0", {}})), ElementsAre("10.0.0.4/29"));
}

TEST(HostLocal, OneAddressOfEachSetFromAnyOfItsRanges) {
  TempTree tree;
  HostLocal pool(tree / "net");
  auto sets = Sets(R"({"ranges":[[{"subnet":"10.0.0.0/24","rangeStart":"10.0.0.9",
    "rangeEnd":"10.0.0.9"},{"subnet":"10.1.0.0/24"}],[{"subnet":"fd00::/64"}]]})");
  EXPECT_THAT(Texts(pool.Allocate(sets, {"a", "eth0", {}})),
              ElementsAre("10.0.0.9/24", "fd00::2/64"));
  EXPECT_THAT(Texts(pool.Allocate(sets, {"b", "eth0", {}})),
              ElementsAre("10.1.0.2/24", "fd00::3/64"));
  EXPECT_THAT(pool.Retain({"b"}), IsOk());
  EXPECT_FALSE(pool.Holds("a"));
  EXPECT_TRUE(pool.Holds("b"));
}

TEST(HostLocal, AWantedAddressIsGivenOrRefused) {
  TempTree tree;
  HostLocal pool(tree / "net");
  EXPECT_THAT(Texts(pool.Allocate(Sets(kSmall), {"a", "eth0", {"10.0.0.5"}})),
              ElementsAre("10.0.0.5/29"));
  EXPECT_THAT(pool.Allocate(Sets(kSmall), {"b", "eth0", {"10.0.0.5"}}),
              FailsWith(Code::kAlreadyExists, "10.0.0.5"));
  EXPECT_THAT(pool.Allocate(Sets(kSmall), {"b", "eth0", {"10.0.0.1"}}),
              FailsWith(Code::kInvalidArgument, "gateway"));
  EXPECT_FALSE(pool.Holds("b"));
}

TEST(Ipam, RefusesRangesThatCannotBe) {
  for (const char* json :
       {R"({})", R"({"subnet":"10.0.0.0"})", R"({"subnet":"10.0.0.0/31"})",
        R"({"subnet":"10.0.0.0/24","gateway":"10.0.1.1"})",
        R"({"subnet":"10.0.0.0/24","rangeStart":"10.0.0.9","rangeEnd":"10.0.0.8"})",
        R"({"ranges":[[]]})", R"({"ranges":[{}]})",
        R"({"ranges":[[{"subnet":"10.0.0.0/24"},{"subnet":"fd00::/64"}]]})",
        R"({"subnet":"10.0.0.0/24","routes":[{"dst":"x"}]})",
        R"({"subnet":"10.0.0.0/24","routes":[{"dst":"0.0.0.0/0","gw":"x"}]})"})
    EXPECT_THAT(ParseIpam(ParseJson(json).value()), FailsWith(Code::kInvalidArgument)) << json;
}

TEST(BuiltIn, WhatOnlyTheRealProgramKnowsIsLeftToIt) {
  auto is_built_in = [](const char* json) { return IsBuiltIn(ParseJson(json).value()); };
  EXPECT_TRUE(is_built_in(R"({"type":"bridge","ipam":{"type":"host-local"}})"));
  EXPECT_TRUE(is_built_in(R"({"type":"portmap","capabilities":{"portMappings":true}})"));
  EXPECT_TRUE(is_built_in(R"({"type":"loopback"})"));
  EXPECT_FALSE(is_built_in(R"({"type":"bridge","ipam":{"type":"dhcp"}})"));
  EXPECT_FALSE(is_built_in(R"({"type":"bridge","vlan":5,"ipam":{"type":"host-local"}})"));
  EXPECT_FALSE(is_built_in(
      R"({"type":"bridge","ipam":{"type":"host-local","routes":[{"dst":"::/0","mtu":9}]}})"));
  EXPECT_FALSE(is_built_in(R"({"type":"portmap","conditionsV4":["-d","1.1.1.1"]})"));
  EXPECT_FALSE(is_built_in(R"({"type":"macvlan"})"));
}

TEST(IpAddress, ReadsAndReckons) {
  ONGGI_ASSERT_OK_AND_ASSIGN(IpAddress v4, ParseIpAddress("10.0.255.255/15"));
  EXPECT_EQ(v4.Next().Text(), "10.1.0.0");
  EXPECT_EQ(v4.First().Text(), "10.0.0.0");
  EXPECT_EQ(v4.Last().Text(), "10.1.255.255");
  EXPECT_TRUE(v4.Contains(ParseIpAddress("10.1.2.3").value()));
  EXPECT_FALSE(v4.Contains(ParseIpAddress("10.2.0.0").value()));
  EXPECT_FALSE(v4.Contains(ParseIpAddress("::").value()));
  for (const char* text : {"", "10.0.0", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "::1/129",
                           "10.0.0.1/8/8", "a.b.c.d", "1.2.3.4 "})
    EXPECT_THAT(ParseIpAddress(text), FailsWith(Code::kInvalidArgument)) << text;
}

}  // namespace
}  // namespace onggi::testing
