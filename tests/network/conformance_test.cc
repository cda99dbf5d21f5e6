// One conflist, two ways to carry it out: by the built-in plugins and by Debian's programs. Both
// must give the same results and leave nothing.
#include <gmock/gmock.h>

#include "base/file_io.h"
#include "base/id.h"
#include "base/json.h"
#include "network/network.h"
#include "tests/conformance/network_topology.h"
#include "tests/support/matchers.h"
#include "tests/support/require_root.h"

namespace onggi::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kConflist = R"({"cniVersion": "1.0.0", "name": "conf", "plugins": [
  {"type": "bridge", "bridge": "ogconf0", "isDefaultGateway": true, "ipMasq": true,
   "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "DATA",
            "ranges": [[{"subnet": "10.231.1.0/24"}], [{"subnet": "fd00:231:1::/64"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]})";

class NetworkConformance : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ONGGI_REQUIRE_ROOT();
    ONGGI_REQUIRE(PathExists("/usr/lib/cni/bridge"), "containernetworking-plugins");
    std::string text = kConflist;
    text.replace(text.find("DATA"), 4, tree_ / "leases");
    tree_.File("conf/10-conf.conflist", text);
  }

  std::unique_ptr<Network> Open() {
    auto network = Network::Open({.state_dir = tree_ / "state",
                                  .conf_dir = tree_ / "conf",
                                  .bin_dirs = {"/usr/lib/cni"},
                                  .builtin = GetParam()});
    CHECK(network.has_value());
    return std::move(network).value();
  }
  static PodNetworkRequest Pod(const Netns& netns) {
    PodNetworkRequest request;
    request.pod_id = NewId();
    request.name = "web";
    request.name_space = "default";
    request.uid = "u1";
    request.netns_path = netns.path();
    return request;
  }
  // Addresses that are reserved.
  std::string Leases() {
    return InNetns("", "ls " + (tree_ / "leases/conf") + " | grep -c : ; true") +
           InNetns("", "ls " + (tree_ / "leases/conf") + " | grep -c '^10' ; true");
  }

  TempTree tree_;
};

TEST_P(NetworkConformance, ResultHasTheSameShape) {
  OnFreshHost([&] {
    auto network = Open();
    Netns netns;
    ONGGI_ASSERT_OK_AND_ASSIGN(PodNetwork attached, network->Attach(Pod(netns)));
    EXPECT_THAT(attached.ips, ::testing::ElementsAre("10.231.1.2", "fd00:231:1::2"));
    EXPECT_EQ(attached.interface_name, "eth0");
    ONGGI_ASSERT_OK_AND_ASSIGN(Json result, ParseJson(attached.result_json));
    EXPECT_EQ(result["cniVersion"], "1.0.0");
    EXPECT_EQ(result["ips"], ParseJson(R"([
      {"address": "10.231.1.2/24", "gateway": "10.231.1.1", "interface": 2},
      {"address": "fd00:231:1::2/64", "gateway": "fd00:231:1::1", "interface": 2}])")
                                 .value());
    EXPECT_EQ(result["routes"], ParseJson(R"([{"dst": "0.0.0.0/0", "gw": "10.231.1.1"},
      {"dst": "::/0", "gw": "fd00:231:1::1"}])")
                                    .value());
    ASSERT_EQ(result["interfaces"].size(), 3U);
    EXPECT_EQ(result["interfaces"][0]["name"], "ogconf0");
    EXPECT_EQ(result["interfaces"][2]["name"], "eth0");
    EXPECT_EQ(result["interfaces"][2]["sandbox"], netns.path());
    for (const Json& interface : result["interfaces"])
      EXPECT_EQ(JsonString(interface, "mac").value().size(), 17U);
    // What the result says is what the kernel has.
    std::string shown = InNetns(netns.path(), "ip addr show eth0");
    EXPECT_THAT(shown, HasSubstr(result["interfaces"][2]["mac"].get_ref<const std::string&>()));
    EXPECT_THAT(shown, HasSubstr("10.231.1.2/24 brd 10.231.1.255"));
    EXPECT_THAT(InNetns("", "ip link show ogconf0"),
                HasSubstr(result["interfaces"][0]["mac"].get_ref<const std::string&>()));
    std::string routes = InNetns(netns.path(), "ip route");
    EXPECT_THAT(routes, HasSubstr("default via 10.231.1.1 dev eth0"));
    EXPECT_THAT(InNetns(netns.path(), "ip -6 route"),
                HasSubstr("default via fd00:231:1::1 dev eth0"));
    EXPECT_THAT(InNetns(netns.path(), "ip addr show lo"), HasSubstr("127.0.0.1/8"));
  });
}

TEST_P(NetworkConformance, PodsAndTheHostReachEachOther) {
  OnFreshHost([&] {
    auto network = Open();
    Netns one;
    Netns two;
    ASSERT_THAT(network->Attach(Pod(one)), IsOk());
    ASSERT_THAT(network->Attach(Pod(two)), IsOk());
    Server pod(one.path(), {.port = 80}, "pod");
    Server host("", {.port = 81}, "host");
    EXPECT_EQ(Ask("", {"10.231.1.2", 80}), "pod sees 10.231.1.1");
    EXPECT_EQ(Ask(two.path(), {"10.231.1.2", 80}), "pod sees 10.231.1.3");
    EXPECT_EQ(Ask(two.path(), {"10.231.1.1", 81}), "host sees 10.231.1.3");
    EXPECT_EQ(Ask(two.path(), {"fd00:231:1::2", 80}), "pod sees fd00:231:1::3");
  });
}

TEST_P(NetworkConformance, HostPortsLeadIntoThePod) {
  OnFreshHost([&] {
    auto network = Open();
    Netns netns;
    Netns other;
    PodNetworkRequest request = Pod(netns);
    request.port_mappings = {{PortMapping::Protocol::kTcp, 80, 8080, ""},
                             {PortMapping::Protocol::kUdp, 53, 5353, ""},
                             {PortMapping::Protocol::kTcp, 80, 8081, "127.0.0.1"}};
    ASSERT_THAT(network->Attach(request), IsOk());
    ASSERT_THAT(network->Attach(Pod(other)), IsOk());
    Server tcp(netns.path(), {.port = 80}, "pod");
    Server udp(netns.path(), {.address = "0.0.0.0", .port = 53, .is_udp = true}, "dns");
    EXPECT_THAT(Ask("", {"127.0.0.1", 8080}), HasSubstr("pod sees"));
    EXPECT_THAT(Ask("", {"10.231.1.1", 8080}), HasSubstr("pod sees"));
    EXPECT_THAT(Ask("", {"127.0.0.1", 5353, true}), HasSubstr("dns sees"));
    EXPECT_THAT(Ask("", {"127.0.0.1", 8081}), HasSubstr("pod sees"));
    EXPECT_THAT(Ask("", {"10.231.1.1", 8081}), HasSubstr("refused"));
    EXPECT_THAT(Ask(other.path(), {"10.231.1.1", 8080}), HasSubstr("pod sees"));
    EXPECT_THAT(Ask(netns.path(), {"10.231.1.1", 8080}), HasSubstr("pod sees"));  // itself
    // Debian's portmap 1.1 looks for IPv4 rules among those of IPv6.
    if (GetParam()) {
      EXPECT_THAT(network->Check(request), IsOk());
    }
    ASSERT_THAT(network->Detach(request), IsOk());
    EXPECT_THAT(Ask("", {"127.0.0.1", 8080}), HasSubstr("nothing"));
  });
}

TEST_P(NetworkConformance, NothingIsLeftAfterDetach) {
  OnFreshHost([&] {
    auto network = Open();
    Netns warm_up;
    PodNetworkRequest first = Pod(warm_up);
    first.port_mappings = {{PortMapping::Protocol::kTcp, 80, 8080, ""}};
    ASSERT_THAT(network->Attach(first), IsOk());
    ASSERT_THAT(network->Detach(first), IsOk());
    auto picture = [&] {
      // The state of a bridge without ports takes a moment to settle.
      return InNetns("", "ip link | sed 's/<.*//'; ip -br -4 addr | sed 's/DOWN/UP  /'; " +
                             std::string("nft -s list ruleset")) +
             Leases();
    };
    std::string before = picture();
    for (int i = 0; i < 5; ++i) {
      Netns netns;
      PodNetworkRequest request = Pod(netns);
      request.port_mappings = {
          {PortMapping::Protocol::kTcp, 80, static_cast<uint16_t>(8090 + i), ""},
          {PortMapping::Protocol::kUdp, 80, static_cast<uint16_t>(8090 + i), ""}};
      ASSERT_THAT(network->Attach(request), IsOk());
      EXPECT_THAT(InNetns(netns.path(), "ip link"), HasSubstr("eth0"));
      ASSERT_THAT(network->Detach(request), IsOk());
      ASSERT_THAT(network->Detach(request), IsOk());
      EXPECT_THAT(InNetns(netns.path(), "ip link"), Not(HasSubstr("eth0")));
    }
    EXPECT_EQ(picture(), before);
    EXPECT_EQ(Leases(), "0\n0\n");
    EXPECT_EQ(InNetns("", "ls " + (tree_ / "state/pods")), "");
  });
}

TEST_P(NetworkConformance, DetachWorksWhenNamespaceAndConfigurationAreGone) {
  OnFreshHost([&] {
    PodNetworkRequest request;
    {
      auto network = Open();
      Netns netns;
      request = Pod(netns);
      request.port_mappings = {{PortMapping::Protocol::kTcp, 80, 8080, ""}};
      ASSERT_THAT(network->Attach(request), IsOk());
    }
    InNetns("", "rm " + (tree_ / "conf/10-conf.conflist"));
    auto network = Open();
    request = {.pod_id = request.pod_id};
    EXPECT_THAT(network->Detach(request), IsOk());
    EXPECT_EQ(Leases(), "0\n0\n");
    EXPECT_THAT(InNetns("", "nft list ruleset"), Not(HasSubstr("8080")));
  });
}

TEST_P(NetworkConformance, CheckNoticesALostInterface) {
  OnFreshHost([&] {
    auto network = Open();
    Netns netns;
    PodNetworkRequest request = Pod(netns);
    ASSERT_THAT(network->Attach(request), IsOk());
    EXPECT_THAT(network->Check(request), IsOk());
    InNetns(netns.path(), "ip addr flush dev eth0");
    EXPECT_FALSE(network->Check(request).has_value());
    EXPECT_THAT(network->Detach(request), IsOk());
    EXPECT_THAT(network->Check(request), FailsWith(Code::kNotFound));
  });
}

INSTANTIATE_TEST_SUITE_P(Plugins, NetworkConformance, ::testing::Values(true, false),
                         [](const auto& info) { return info.param ? "BuiltIn" : "Debian"; });

}  // namespace
}  // namespace onggi::testing
