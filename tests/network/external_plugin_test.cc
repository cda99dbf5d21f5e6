// CNI programs, well-behaved and hostile: shell scripts in a directory of the test's own.
#include <gmock/gmock.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "network/network.h"
#include "tests/conformance/network_topology.h"
#include "tests/support/matchers.h"
#include "tests/support/require_root.h"

namespace onggi::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kResult =
    R"({"cniVersion":"1.1.0","ips":[{"address":"10.231.4.2/24"}],"dns":{"nameservers":["10.9.9.9"]}})";

class ExternalPlugins : public ::testing::Test {
 protected:
  void SetUp() override {
    ONGGI_REQUIRE_ROOT();
    Script("good", std::string("echo '") + kResult + "'");
    Conflist(R"([{"type": "good"}])");
  }
  // Writes what it was told to TREE/log-NAME, answers VERSION, then does BODY.
  void Script(const std::string& name, const std::string& body) {
    tree_.File("bin/" + name,
               "#!/bin/sh\n{ echo \"== $CNI_COMMAND " + name + "\"; env | sort; cat; echo; } >> " +
                   (tree_ / "log") +
                   "\n[ $CNI_COMMAND = VERSION ] && echo '{\"supportedVersions\":[\"1.0.0\","
                   "\"1.1.0\"]}' && exit 0\n" +
                   body + "\n",
               0755);
  }
  void Conflist(const std::string& plugins, const std::string& version = "1.1.0") {
    tree_.File("conf/10-x.conflist", R"({"cniVersion": ")" + version +
                                         R"(", "name": "ext", "plugins": )" + plugins + "}");
  }
  std::unique_ptr<Network> Open() {
    auto network = Network::Open({.state_dir = tree_ / "state",
                                  .conf_dir = tree_ / "conf",
                                  .bin_dirs = {tree_ / "other", tree_ / "bin"},
                                  .plugin_timeout = std::chrono::seconds(2)});
    CHECK(network.has_value());
    return std::move(network).value();
  }
  static PodNetworkRequest Pod(const Netns& netns) {
    return {.pod_id = NewId(),
            .name = "web",
            .name_space = "shop",
            .uid = "u-1",
            .netns_path = netns.path()};
  }
  std::string Log() const { return tree_.Read("log"); }

  TempTree tree_;
};

TEST_F(ExternalPlugins, AreToldWhatTheSpecificationSays) {
  Script("second", "cat > /dev/null; exec echo '" + std::string(kResult) + "'");
  Conflist(R"([{"type": "good", "x": 1}, {"type": "second", "capabilities": {"portMappings": true,
    "dns": true, "bandwidth": true, "ips": true, "mac": true, "aliases": true}}])");
  auto network = Open();
  Netns netns;
  PodNetworkRequest pod = Pod(netns);
  pod.port_mappings = {{PortMapping::Protocol::kUdp, 53, 5353, "192.0.2.1"}};
  pod.dns_servers = {"10.1.1.1"};
  pod.cgroup_path = "/not/declared";
  pod.bandwidth.ingress_bits_per_second = 1000000;
  pod.mac = "02:00:00:00:00:01";
  ASSERT_EQ(setenv("LD_PRELOAD_CANARY", "leaked", 1), 0);
  ONGGI_ASSERT_OK_AND_ASSIGN(PodNetwork attached, network->Attach(pod));
  EXPECT_THAT(attached.ips, ElementsAre("10.231.4.2"));
  EXPECT_THAT(attached.dns_servers, ElementsAre("10.9.9.9"));
  std::string log = Log();
  for (std::string line : std::vector<std::string>{
           "== ADD good", "CNI_CONTAINERID=" + pod.pod_id, "CNI_NETNS=" + netns.path(),
           std::string("CNI_IFNAME=eth0"),
           "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;"
           "K8S_POD_INFRA_CONTAINER_ID=" +
               pod.pod_id + ";K8S_POD_UID=u-1",
           "CNI_PATH=" + (tree_ / "other") + ":" + (tree_ / "bin"),
           std::string(R"("ingressRate":1000000)"), std::string(R"("mac":"02:00:00:00:00:01")"),
           std::string(R"("dns":{"options":[],"searches":[],"servers":["10.1.1.1"]})"),
           std::string(
               R"({"containerPort":53,"hostIP":"192.0.2.1","hostPort":5353,"protocol":"udp"})"),
           std::string(R"("prevResult":{"cniVersion")")})
    EXPECT_THAT(log, HasSubstr(line));
  EXPECT_THAT(log, Not(HasSubstr("leaked")));
  EXPECT_THAT(log, Not(HasSubstr("not/declared")));
  EXPECT_THAT(network->Detach(pod), IsOk());
  log = Log();
  EXPECT_LT(log.find("== DEL second"), log.find("== DEL good"));  // the other way round
  EXPECT_NE(log.find("== DEL good"), std::string::npos);
}

TEST_F(ExternalPlugins, FailuresAreToldAndUndone) {
  struct Case {
    const char* body;
    const char* message;
  };
  const Case kCases[] = {
      {R"(echo '{"code": 11, "msg": "no leases", "details": "pool x"}'; exit 1)",
       "no leases: pool x"},
      {"echo oops >&2; exit 3", "oops"},
      {"kill -9 $$", "137"},
      {"[ $CNI_COMMAND = ADD ] && sleep 30; true", "2000 ms"},
      {"[ $CNI_COMMAND = ADD ] && head -c 20000000 /dev/zero; true", "more than 1 MiB"},
      {"echo garbage", "result"},
      {"true", "result"},
      {"echo '{\"ips\": [{\"address\": \"10.0.0.999/24\"}]}'", "is no IP address"},
      {"echo '{\"cniVersion\": \"1.0.0\"}'", "no address"},
  };
  for (const Case& c : kCases) {
    Script("bad", c.body);
    Conflist(R"([{"type": "good"}, {"type": "bad"}])");
    auto network = Open();
    Netns netns;
    (void)network->Reload();
    tree_.File("log");
    auto attached = network->Attach(Pod(netns));
    ASSERT_FALSE(attached.has_value()) << c.body;
    EXPECT_THAT(attached.error().message(), HasSubstr(c.message)) << c.body;
    EXPECT_THAT(Log(), HasSubstr("== DEL good")) << c.body;
    EXPECT_THAT(Log(), HasSubstr("== DEL bad")) << c.body;
  }
}

TEST_F(ExternalPlugins, StatusTellsWhatIsMissing) {
  auto network = Open();
  EXPECT_THAT(network->Status(), IsOk());
  EXPECT_THAT(Log(), HasSubstr("== STATUS good"));
  tree_.File("log");
  EXPECT_THAT(network->Status(), IsOk());
  EXPECT_EQ(Log(), "");  // remembered for a while
  Conflist(R"([{"type": "absent"}])");
  EXPECT_THAT(network->Status(), FailsWith(Code::kFailedPrecondition, "absent is in none of"));
  Conflist(R"([{"type": "good"}])", "0.4.0");
  EXPECT_THAT(network->Status(), FailsWith(Code::kFailedPrecondition, "cniVersion 0.4.0"));
  Script("busy", R"(echo '{"code": 50, "msg": "not yet"}'; exit 1)");
  Conflist(R"([{"type": "busy"}])");
  EXPECT_THAT(network->Status(), FailsWith(Code::kInternal, "not yet"));
  tree_.File("conf/10-x.conflist", "{");
  EXPECT_THAT(network->Status(), FailsWith(Code::kUnavailable, "10-x.conflist"));
  InNetns("", "rm " + (tree_ / "conf/10-x.conflist"));
  EXPECT_THAT(network->Status(), FailsWith(Code::kUnavailable, "no network configuration"));
}

TEST_F(ExternalPlugins, GarbageCollectionNamesWhatIsValid) {
  auto network = Open();
  Netns netns;
  PodNetworkRequest valid = Pod(netns);
  PodNetworkRequest gone = Pod(netns);
  ASSERT_THAT(network->Attach(valid), IsOk());
  ASSERT_THAT(network->Attach(gone), IsOk());
  tree_.File("log");
  ASSERT_THAT(network->CollectGarbage({valid.pod_id}), IsOk());
  EXPECT_THAT(Log(), HasSubstr("== DEL good"));
  EXPECT_THAT(Log(), HasSubstr("== GC good"));
  EXPECT_THAT(Log(), HasSubstr(R"("cni.dev/valid-attachments":[{"containerID":")" + valid.pod_id +
                               R"(","ifname":"eth0"}])"));
  EXPECT_THAT(network->Check(valid), IsOk());
  EXPECT_THAT(network->Check(gone), FailsWith(Code::kNotFound));
}

TEST_F(ExternalPlugins, ACancelledAttachIsUndone) {
  auto network = Open();
  Netns netns;
  CancelSource source;
  source.Cancel();
  PodNetworkRequest pod = Pod(netns);
  pod.cancel = source.token();
  EXPECT_THAT(network->Attach(pod), FailsWith(Code::kCancelled));
  EXPECT_THAT(network->Check(pod), FailsWith(Code::kNotFound));
}

}  // namespace
}  // namespace onggi::testing
