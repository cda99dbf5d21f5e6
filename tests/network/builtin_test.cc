// What the built-in network promises beyond what CNI's programs do.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/id.h"
#include "network/netns.h"
#include "network/network.h"
#include "tests/conformance/network_topology.h"
#include "tests/support/matchers.h"
#include "tests/support/require_root.h"

namespace onggi::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kConflist = R"({"cniVersion": "1.0.0", "name": "bt", "plugins": [
  {"type": "bridge", "bridge": "ogbt0", "isDefaultGateway": true, "ipMasq": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.231.2.0/24"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]})";

class BuiltinNetwork : public ::testing::Test {
 protected:
  void SetUp() override {
    ONGGI_REQUIRE_ROOT();
    tree_.Dir("conf");
  }
  std::unique_ptr<Network> Open() {
    auto network = Network::Open({.state_dir = tree_ / "state",
                                  .conf_dir = tree_ / "conf",
                                  .bin_dirs = {tree_ / "bin"},
                                  .default_conflist = kConflist});
    CHECK(network.has_value());
    return std::move(network).value();
  }
  static PodNetworkRequest Pod(const Netns& netns, uint16_t host_port = 0) {
    PodNetworkRequest request{.pod_id = NewId(), .netns_path = netns.path()};
    if (host_port != 0) request.port_mappings = {{PortMapping::Protocol::kTcp, 80, host_port, ""}};
    return request;
  }
  static std::string Rules() { return InNetns("", "nft list ruleset"); }
  std::string Leases() { return InNetns("", "ls " + (tree_ / "state/addresses/bt")); }

  TempTree tree_;
};

// A machine outside: 198.51.100.2, behind the host's 198.51.100.1.
struct Outside {
  Outside() {
    InNetns("", "ip link add out0 type veth peer name eth0 netns " + Name());
    InNetns("", "ip addr add 198.51.100.1/24 dev out0");
    InNetns("", "ip link set out0 up");
    InNetns(netns.path(), "ip addr add 198.51.100.2/24 dev eth0");
    InNetns(netns.path(), "ip link set eth0 up");
  }
  std::string Name() const { return netns.path(); }
  Netns netns;
};

TEST_F(BuiltinNetwork, WhatLeavesTheSubnetIsMasqueraded) {
  OnFreshHost([&] {
    auto network = Open();
    Outside outside;
    Netns pod;
    ASSERT_THAT(network->Attach(Pod(pod)), IsOk());
    Server server(outside.Name(), {.port = 80}, "outside");
    EXPECT_EQ(Ask(pod.path(), {"198.51.100.2", 80}), "outside sees 198.51.100.1");
  });
}

TEST_F(BuiltinNetwork, HostPortsServeTheOutsideAndLeaveTransitAlone) {
  OnFreshHost([&] {
    auto network = Open();
    Outside outside;
    Netns pod;
    Netns client;
    ASSERT_THAT(network->Attach(Pod(pod, 8080)), IsOk());
    ASSERT_THAT(network->Attach(Pod(client)), IsOk());
    Server server(pod.path(), {.port = 80}, "pod");
    Server other(outside.Name(), {.port = 8080}, "outside");
    EXPECT_EQ(Ask(outside.Name(), {"198.51.100.1", 8080}), "pod sees 198.51.100.2");
    // CVE-2025-67499: the same port of somebody else.
    EXPECT_EQ(Ask(client.path(), {"198.51.100.2", 8080}), "outside sees 198.51.100.1");
    EXPECT_THAT(Ask("", {"::1", 8080}), HasSubstr("refused"));
  });
}

TEST_F(BuiltinNetwork, PodsDoNotReachTheHostsLoopback) {
  OnFreshHost([&] {
    auto network = Open();
    Netns pod;
    ASSERT_THAT(network->Attach(Pod(pod, 8080)), IsOk());
    Server secret("", {.address = "127.0.0.1", .port = 9}, "secret");
    EXPECT_EQ(Ask("", {"127.0.0.1", 9}), "secret sees 127.0.0.1");
    // CVE-2020-8558: a pod that sends packets for 127.0.0.1 to the bridge.
    InNetns(pod.path(), "ip addr del 127.0.0.1/8 dev lo");
    InNetns(pod.path(), "ip route add 127.0.0.1 via 10.231.2.1 src 10.231.2.2");
    ASSERT_THAT(RunInNetns(pod.path(),
                           [] {
                             return WriteExisting(
                                 AT_FDCWD, "/proc/sys/net/ipv4/conf/eth0/route_localnet", "1");
                           }),
                IsOk());
    EXPECT_THAT(Ask(pod.path(), {"127.0.0.1", 9}), HasSubstr("nothing"));
  });
}

TEST_F(BuiltinNetwork, RouterAdvertisementsAndRedirectsAreRefused) {
  OnFreshHost([&] {
    auto network = Open();
    Netns pod;
    ASSERT_THAT(network->Attach(Pod(pod)), IsOk());
    for (const char* key : {"ipv6/conf/eth0/accept_ra", "ipv6/conf/eth0/accept_redirects",
                            "ipv4/conf/all/accept_redirects", "ipv4/conf/eth0/accept_redirects"})
      EXPECT_EQ(InNetns(pod.path(), std::string("cat /proc/sys/net/") + key), "0\n") << key;
  });
}

TEST_F(BuiltinNetwork, AHostPortHasOneOwner) {
  OnFreshHost([&] {
    auto network = Open();
    Netns one;
    Netns two;
    PodNetworkRequest first = Pod(one, 8080);
    ASSERT_THAT(network->Attach(first), IsOk());
    EXPECT_THAT(network->Attach(Pod(two, 8080)),
                FailsWith(Code::kAlreadyExists, "host port 8080/tcp belongs to pod"));
    // The failed one left nothing.
    EXPECT_THAT(InNetns(two.path(), "ip link"), Not(HasSubstr("eth0")));
    EXPECT_EQ(Leases(), "10.231.2.2\nlast_reserved_ip.0\n");
    ASSERT_THAT(network->Detach(first), IsOk());
    EXPECT_THAT(network->Attach(Pod(two, 8080)), IsOk());
  });
}

TEST_F(BuiltinNetwork, RulesComeBackWhenAFirewallServiceFlushesThem) {
  OnFreshHost([&] {
    auto network = Open();
    Netns pod;
    ASSERT_THAT(network->Attach(Pod(pod, 8080)), IsOk());
    std::string before = Rules();
    InNetns("", "nft flush ruleset");
    EXPECT_THAT(network->Status(), IsOk());
    EXPECT_EQ(Rules(), before);
    InNetns("", "nft flush ruleset");
    Netns other;
    EXPECT_THAT(network->Attach(Pod(other)), IsOk());
    EXPECT_EQ(Rules(), before);
  });
}

TEST_F(BuiltinNetwork, AnotherLifeOfTheDaemonTakesOver) {
  OnFreshHost([&] {
    Netns pod;
    Netns other;
    PodNetworkRequest request = Pod(pod, 8080);
    { ASSERT_THAT(Open()->Attach(request), IsOk()); }
    auto network = Open();
    Server server(pod.path(), {.port = 80}, "pod");
    EXPECT_THAT(Ask("", {"127.0.0.1", 8080}), HasSubstr("pod sees"));
    ONGGI_ASSERT_OK_AND_ASSIGN(PodNetwork second, network->Attach(Pod(other, 8081)));
    EXPECT_THAT(second.ips, ElementsAre("10.231.2.3"));
    EXPECT_THAT(Ask("", {"127.0.0.1", 8080}), HasSubstr("pod sees"));
    EXPECT_THAT(network->Check(request), IsOk());
    EXPECT_THAT(network->Detach(request), IsOk());
    EXPECT_THAT(Ask("", {"127.0.0.1", 8080}), HasSubstr("nothing"));
    EXPECT_EQ(Leases(), "10.231.2.3\nlast_reserved_ip.0\n");
  });
}

TEST_F(BuiltinNetwork, AttachAgainAfterACrashStartsAnew) {
  OnFreshHost([&] {
    auto network = Open();
    Netns pod;
    PodNetworkRequest request = Pod(pod, 8080);
    ASSERT_THAT(network->Attach(request), IsOk());
    ONGGI_ASSERT_OK_AND_ASSIGN(PodNetwork again, network->Attach(request));
    EXPECT_EQ(Leases(), again.ips.front() + "\nlast_reserved_ip.0\n");
    // The cache file half-written, as a power cut leaves it.
    tree_.File("state/pods/" + request.pod_id + ".json", "{\"netw");
    ASSERT_THAT(network->Attach(request), IsOk());
    tree_.File("state/pods/" + request.pod_id + ".json", "");
    EXPECT_THAT(network->Detach(request), IsOk());
    EXPECT_EQ(Leases(), "last_reserved_ip.0\n");
    EXPECT_THAT(InNetns("", "ip link"), Not(HasSubstr("@")));
  });
}

TEST_F(BuiltinNetwork, GarbageIsWhatNoValidPodOwns) {
  OnFreshHost([&] {
    auto network = Open();
    Netns kept;
    Netns lost;
    Netns forgotten;
    PodNetworkRequest keep = Pod(kept, 8080);
    PodNetworkRequest lose = Pod(lost, 8081);
    PodNetworkRequest forget = Pod(forgotten, 8082);
    for (const auto& request : {keep, lose, forget}) ASSERT_THAT(network->Attach(request), IsOk());
    ASSERT_THAT(RemoveFile(tree_ / ("state/pods/" + forget.pod_id + ".json")), IsOk());
    ASSERT_THAT(network->CollectGarbage({keep.pod_id}), IsOk());
    EXPECT_EQ(Leases(), "10.231.2.2\nlast_reserved_ip.0\n");
    EXPECT_THAT(InNetns(lost.path(), "ip link"), Not(HasSubstr("eth0")));
    EXPECT_THAT(InNetns(forgotten.path(), "ip link"), Not(HasSubstr("eth0")));
    EXPECT_THAT(Rules(), Not(HasSubstr("8081")));
    EXPECT_THAT(Rules(), Not(HasSubstr("8082")));
    Server server(kept.path(), {.port = 80}, "pod");
    EXPECT_THAT(Ask("", {"127.0.0.1", 8080}), HasSubstr("pod sees"));
    EXPECT_THAT(network->Check(keep), IsOk());
  });
}

TEST_F(BuiltinNetwork, TheLastOneOutLeavesTheHostAsItWas) {
  OnFreshHost([&] {
    std::string before = InNetns("", "ip addr") + Rules();
    {
      auto network = Open();
      Netns pod;
      PodNetworkRequest request = Pod(pod, 8080);
      for (int i = 0; i < 20; ++i) {
        ASSERT_THAT(network->Attach(request), IsOk());
        ASSERT_THAT(network->Detach(request), IsOk());
      }
    }
    EXPECT_EQ(InNetns("", "ip addr") + Rules(), before);
  });
}

TEST_F(BuiltinNetwork, NetworksAreChosenByName) {
  OnFreshHost([&] {
    std::string other = kConflist;
    for (auto [from, to] : {std::pair{"\"bt\"", "\"two\""}, {"ogbt0", "ogbt1"}, {".2.0/", ".3.0/"}})
      other.replace(other.find(from), strlen(from), to);
    tree_.File("conf/20-two.conflist", other);
    std::string third = other;
    third.replace(third.find("\"two\""), 5, "\"tre\"");
    third.replace(third.find("ogbt1"), 5, "ogbt2");
    tree_.File("conf/30-overlap.conflist", third);
    auto network = Open();
    Netns one;
    Netns two;
    PodNetworkRequest request = Pod(one);
    request.network = "bt";
    ONGGI_ASSERT_OK_AND_ASSIGN(PodNetwork first, network->Attach(request));
    EXPECT_THAT(first.ips, ElementsAre("10.231.2.2"));
    ONGGI_ASSERT_OK_AND_ASSIGN(PodNetwork second, network->Attach(Pod(two)));
    EXPECT_THAT(second.ips, ElementsAre("10.231.3.2"));
    Server server(two.path(), {.port = 80}, "two");
    EXPECT_EQ(Ask(one.path(), {"10.231.3.2", 80}), "two sees 10.231.3.1");
    Netns three;
    PodNetworkRequest unknown = Pod(three);
    unknown.network = "nowhere";
    EXPECT_THAT(network->Attach(unknown), FailsWith(Code::kNotFound, "nowhere"));
    unknown.network = "tre";
    EXPECT_THAT(network->Attach(unknown), FailsWith(Code::kFailedPrecondition, "overlaps"));
  });
}

TEST_F(BuiltinNetwork, RequestsThatCantBeAreRefusedBeforeAnythingIsMade) {
  OnFreshHost([&] {
    auto network = Open();
    Netns netns;
    PodNetworkRequest request = Pod(netns);
    request.pod_id = "../x";
    EXPECT_THAT(network->Attach(request), FailsWith(Code::kInvalidArgument, "pod id"));
    request = Pod(netns);
    request.name = "a;CNI_X=1";
    EXPECT_THAT(network->Attach(request), FailsWith(Code::kInvalidArgument));
    request = Pod(netns, 8080);
    request.port_mappings[0].host_ip = "localhost";
    EXPECT_THAT(network->Attach(request), FailsWith(Code::kInvalidArgument, "host_ip"));
    request = Pod(netns);
    request.netns_path = tree_ / "absent";
    EXPECT_FALSE(network->Attach(request).has_value());
    EXPECT_EQ(InNetns("", "ls " + (tree_ / "state/pods")), "");
  });
}

// The figures of docs/NETWORK.md come from here; the bound is only against a change of kind.
TEST_F(BuiltinNetwork, AttachAndDetachTakeMilliseconds) {
  OnFreshHost([&] {
    auto network = Open();
    Netns warm_up;
    ASSERT_THAT(network->Attach(Pod(warm_up)), IsOk());
    for (uint16_t port : {0, 8080}) {
      std::vector<int64_t> attach;
      std::vector<int64_t> detach;
      for (int i = 0; i < 21; ++i) {
        Netns netns;
        PodNetworkRequest request = Pod(netns, port);
        int64_t start = MonotonicNanos();
        ASSERT_THAT(network->Attach(request), IsOk());
        int64_t middle = MonotonicNanos();
        ASSERT_THAT(network->Detach(request), IsOk());
        attach.push_back(middle - start);
        detach.push_back(MonotonicNanos() - middle);
      }
      std::sort(attach.begin(), attach.end());
      std::sort(detach.begin(), detach.end());
      std::string kind = port == 0 ? "plain_" : "host_port_";
      RecordProperty(kind + "attach_us", static_cast<int>(attach[10] / 1000));
      RecordProperty(kind + "detach_us", static_cast<int>(detach[10] / 1000));
      printf("%smedian: attach %.2f ms, detach %.2f ms\n", kind.c_str(),
             static_cast<double>(attach[10]) / 1e6, static_cast<double>(detach[10]) / 1e6);
      EXPECT_LT(attach[10], 50'000'000);
      EXPECT_LT(detach[10], 100'000'000);
    }
  });
}

TEST_F(BuiltinNetwork, CountersAndConnectionsOfAPodAreSeenFromOutside) {
  OnFreshHost([&] {
    auto network = Open();
    Netns pod;
    ASSERT_THAT(network->Attach(Pod(pod)), IsOk());
    Server server(pod.path(), {.address = "127.0.0.1", .port = 80}, "pod");
    EXPECT_THAT(DialInNetns(pod.path(), 80), IsOk());
    EXPECT_THAT(DialInNetns(pod.path(), 81), FailsWith(Code::kUnavailable, "port 81"));
    ONGGI_ASSERT_OK_AND_ASSIGN(auto before, CountersInNetns(pod.path()));
    ASSERT_EQ(before.size(), 1U);
    EXPECT_EQ(before[0].name, "eth0");
    (void)Ask("", {"10.231.2.2", 81});
    ONGGI_ASSERT_OK_AND_ASSIGN(auto after, CountersInNetns(pod.path()));
    EXPECT_GT(after[0].rx_bytes, before[0].rx_bytes);
    EXPECT_GT(after[0].tx_bytes, before[0].tx_bytes);
    EXPECT_EQ(after[0].rx_errors, 0U);
  });
}

}  // namespace
}  // namespace onggi::testing
