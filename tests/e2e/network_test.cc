#include <gmock/gmock.h>

#include "tests/e2e/node.h"
#include "tests/support/host_snapshot.h"

namespace onggi::testing {
namespace {

using ::testing::HasSubstr;

// The same expectations for the built-in plugins and for Debian's real ones, from the same
// conflist.
class NetworkTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    node_ = Node::Start({.builtin_network = GetParam()});
    ASSERT_NE(node_, nullptr);
  }
  std::string ServePage(const std::string& pod, const std::string& text) {
    return node_->Run(
        pod, node_->Container("web", {"sh", "-c",
                                      "mkdir /www; echo " + text +
                                          " > /www/index.html; exec httpd -f -p 80 -h /www"}));
  }
  std::string Fetch(const std::string& url) {
    return Shell("curl -s --max-time 5 --retry 30 --retry-connrefused --retry-delay 1 " + url);
  }

  std::unique_ptr<Node> node_;
};

TEST_P(NetworkTest, PodsReachTheHostEachOtherAndAreReachedByPort) {
  cri::PodSandboxConfig config = node_->Pod("server");
  auto* mapping = config.add_port_mappings();
  mapping->set_container_port(80);
  mapping->set_host_port(GetParam() ? 28181 : 28182);
  std::string server = node_->RunPod(config);
  ServePage(server, "hello");
  std::string ip = node_->PodStatus(server).network().ip();
  EXPECT_EQ(Fetch("http://" + ip + "/"), "hello\n");
  EXPECT_EQ(Fetch("http://127.0.0.1:" + std::to_string(mapping->host_port()) + "/"), "hello\n");
  std::string client = node_->RunPod(node_->Pod("client"));
  std::string id = node_->Run(client, node_->Container("c", {"sleep", "1000"}));
  EXPECT_EQ(node_->Exec(id, {"wget", "-q", "-O", "-", "http://" + ip + "/"}).out, "hello\n");
  EXPECT_THAT(node_->Exec(id, {"ip", "route"}).out, HasSubstr("default via"));
  EXPECT_THAT(node_->Exec(id, {"ip", "addr", "show", "lo"}).out, HasSubstr("127.0.0.1/8"));
}

TEST_P(NetworkTest, NothingIsLeftOfAPod) {
  node_->RemovePod(node_->RunPod(node_->Pod("warm-up")));
  auto before = HostSnapshot::Take();
  ASSERT_TRUE(before.has_value());
  for (int i = 0; i < 5; ++i) {
    cri::PodSandboxConfig config = node_->Pod("p" + std::to_string(i));
    auto* mapping = config.add_port_mappings();
    mapping->set_container_port(80);
    mapping->set_host_port(28200 + i);
    node_->RunPod(config);
  }
  node_->RemoveAllPods();
  auto after = HostSnapshot::Take();
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(before->DifferenceTo(*after), "");
}

TEST_P(NetworkTest, AddressesAreGivenBack) {
  std::string first = node_->RunPod(node_->Pod("one"));
  std::string ip = node_->PodStatus(first).network().ip();
  std::string second = node_->RunPod(node_->Pod("two"));
  EXPECT_NE(node_->PodStatus(second).network().ip(), ip);
  node_->StopPod(first);
  node_->StopPod(first);
}

INSTANTIATE_TEST_SUITE_P(Plugins, NetworkTest, ::testing::Values(true, false),
                         [](const auto& info) { return info.param ? "BuiltIn" : "Real"; });

}  // namespace
}  // namespace onggi::testing
