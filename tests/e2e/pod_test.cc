#include <gmock/gmock.h>

#include "base/file_io.h"
#include "tests/e2e/shared_node.h"
#include "tests/support/host_snapshot.h"

namespace onggi::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using PodTest = SharedNode;

TEST_F(PodTest, RunsAContainerAndLeavesTheHostAsItWas) {
  // The first pod makes the bridge, which stays with the daemon's network.
  node().RemovePod(node().RunPod(node().Pod("warm-up")));
  auto before = HostSnapshot::Take();
  ASSERT_TRUE(before.has_value()) << before.error().message();

  std::string pod = node().RunPod(node().Pod("first"));
  EXPECT_EQ(node().PodStatus(pod).state(), cri::SANDBOX_READY);
  EXPECT_THAT(node().PodStatus(pod).network().ip(), HasSubstr("10."));
  std::string id =
      node().Run(pod, node().Container("c", {"sh", "-c", "echo out; echo err >&2; sleep 1000"}));
  EXPECT_EQ(node().Status(id).state(), cri::CONTAINER_RUNNING);
  ExecResult exec = node().Exec(id, {"sh", "-c", "echo hi; echo oops >&2; exit 3"});
  EXPECT_EQ(exec.out, "hi\n");
  EXPECT_EQ(exec.err, "oops\n");
  EXPECT_EQ(exec.code, 3);
  EXPECT_THAT(node().Log(id), HasSubstr("out\n"));
  EXPECT_THAT(node().Log(id), HasSubstr("err\n"));
  node().Stop(id, 0);
  EXPECT_EQ(node().Status(id).state(), cri::CONTAINER_EXITED);
  EXPECT_EQ(node().Status(id).exit_code(), 137);
  node().Remove(id);
  node().StopPod(pod);
  EXPECT_EQ(node().PodStatus(pod).state(), cri::SANDBOX_NOTREADY);
  node().RemovePod(pod);

  auto after = HostSnapshot::Take();
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(before->DifferenceTo(*after), "");
}

TEST_F(PodTest, StopAndRemoveOfTheUnknownSucceed) {
  node().StopPod(std::string(64, 'a'));
  node().RemovePod(std::string(64, 'a'));
  node().Stop(std::string(64, 'a'), 1);
  node().Remove(std::string(64, 'a'));
}

TEST_F(PodTest, StatusOfTheUnknownIsNotFound) {
  grpc::ClientContext context;
  cri::PodSandboxStatusRequest request;
  request.set_pod_sandbox_id(std::string(64, 'a'));
  cri::PodSandboxStatusResponse response;
  EXPECT_EQ(node().runtime().PodSandboxStatus(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(PodTest, ARepeatedRunAnswersTheSamePod) {
  cri::PodSandboxConfig config = node().Pod("same");
  std::string first = node().RunPod(config);
  EXPECT_EQ(node().RunPod(config), first);
}

TEST_F(PodTest, ARepeatedCreateAnswersTheSameContainer) {
  std::string pod = node().RunPod(node().Pod("p"));
  cri::ContainerConfig config = node().Container("c", {"sleep", "10"});
  std::string first = node().Create(pod, config);
  EXPECT_EQ(node().Create(pod, config), first);
}

TEST_F(PodTest, HostnameHostsAndDnsAreWhatWasAsked) {
  cri::PodSandboxConfig config = node().Pod("named");
  config.set_hostname("ship");
  config.mutable_dns_config()->add_servers("192.0.2.53");
  config.mutable_dns_config()->add_searches("example.test");
  config.mutable_dns_config()->add_options("ndots:3");
  std::string pod = node().RunPod(config);
  std::string id = node().Run(pod, node().Container("c", {"sleep", "1000"}));
  EXPECT_EQ(node().Exec(id, {"hostname"}).out, "ship\n");
  EXPECT_EQ(node().Exec(id, {"cat", "/etc/hostname"}).out, "ship\n");
  EXPECT_THAT(node().Exec(id, {"cat", "/etc/hosts"}).out, HasSubstr("ship"));
  EXPECT_EQ(node().Exec(id, {"cat", "/etc/resolv.conf"}).out,
            "search example.test\nnameserver 192.0.2.53\noptions ndots:3\n");
}

TEST_F(PodTest, SysctlsAreSetInsideOnly) {
  cri::PodSandboxConfig config = node().Pod("tuned");
  (*config.mutable_linux()->mutable_sysctls())["net.ipv4.ip_local_port_range"] = "20000 20100";
  (*config.mutable_linux()->mutable_sysctls())["kernel.shm_rmid_forced"] = "1";
  std::string host = ReadFile("/proc/sys/net/ipv4/ip_local_port_range").value_or("");
  std::string pod = node().RunPod(config);
  std::string id = node().Run(pod, node().Container("c", {"sleep", "1000"}));
  EXPECT_EQ(node().Exec(id, {"cat", "/proc/sys/net/ipv4/ip_local_port_range"}).out,
            "20000\t20100\n");
  EXPECT_EQ(node().Exec(id, {"cat", "/proc/sys/kernel/shm_rmid_forced"}).out, "1\n");
  EXPECT_EQ(ReadFile("/proc/sys/net/ipv4/ip_local_port_range").value_or(""), host);
}

TEST_F(PodTest, ANetworkSysctlWithTheHostNetworkIsRefusedByName) {
  cri::PodSandboxConfig config = node().Pod("bad");
  config.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_network(
      cri::NODE);
  (*config.mutable_linux()->mutable_sysctls())["net.ipv4.ip_forward"] = "1";
  grpc::Status status = node().TryRunPod(config);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("net.ipv4.ip_forward"));
}

TEST_F(PodTest, TheHostNetworkIsTheHosts) {
  cri::PodSandboxConfig config = node().Pod("host");
  config.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_network(
      cri::NODE);
  std::string pod = node().RunPod(config);
  EXPECT_EQ(node().PodStatus(pod).network().ip(), "");
  cri::ContainerConfig container = node().Container("c", {"sleep", "1000"});
  container.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_network(
      cri::NODE);
  std::string id = node().Run(pod, container);
  EXPECT_EQ(node().Exec(id, {"readlink", "/proc/self/ns/net"}).out,
            Shell("readlink /proc/self/ns/net"));
}

TEST_F(PodTest, ASharedPidNamespaceShowsTheOthers) {
  cri::PodSandboxConfig config = node().Pod("shared");
  config.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_pid(
      cri::POD);
  std::string pod = node().RunPod(config);
  node().Run(pod, node().Container("one", {"sleep", "4321"}));
  std::string two = node().Run(pod, node().Container("two", {"sleep", "1000"}));
  EXPECT_THAT(node().Exec(two, {"ps"}).out, HasSubstr("sleep 4321"));
}

TEST_F(PodTest, AnOwnPidNamespaceHidesTheOthers) {
  cri::PodSandboxConfig config = node().Pod("own");
  config.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_pid(
      cri::CONTAINER);
  std::string pod = node().RunPod(config);
  cri::ContainerConfig container = node().Container("one", {"sleep", "4321"});
  auto* options =
      container.mutable_linux()->mutable_security_context()->mutable_namespace_options();
  options->set_pid(cri::CONTAINER);
  node().Run(pod, container);
  container.mutable_metadata()->set_name("two");
  container.set_command(1, "1000");
  std::string two = node().Run(pod, container);
  std::string processes = node().Exec(two, {"ps"}).out;
  EXPECT_THAT(processes, Not(HasSubstr("sleep 4321")));
  EXPECT_THAT(processes, HasSubstr("sleep 1000"));
}

TEST_F(PodTest, ShmIsSharedByTheContainersOfAPod) {
  std::string pod = node().RunPod(node().Pod("shm"));
  std::string one = node().Run(pod, node().Container("one", {"sleep", "1000"}));
  std::string two = node().Run(pod, node().Container("two", {"sleep", "1000"}));
  node().Exec(one, {"sh", "-c", "echo together > /dev/shm/word"});
  EXPECT_EQ(node().Exec(two, {"cat", "/dev/shm/word"}).out, "together\n");
  EXPECT_THAT(node().Exec(two, {"grep", "/dev/shm", "/proc/mounts"}).out, HasSubstr("size=65536k"));
}

TEST_F(PodTest, ListsFilterByLabelAndState) {
  cri::PodSandboxConfig red = node().Pod("red");
  (*red.mutable_labels())["colour"] = "red";
  std::string id = node().RunPod(red);
  node().RunPod(node().Pod("plain"));
  cri::ListPodSandboxRequest request;
  (*request.mutable_filter()->mutable_label_selector())["colour"] = "red";
  cri::ListPodSandboxResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(node().runtime().ListPodSandbox(&context, request, &response).ok());
  ASSERT_EQ(response.items_size(), 1);
  EXPECT_EQ(response.items(0).id(), id);
}

TEST_F(PodTest, AStoppedPodTakesNoNewContainer) {
  std::string pod = node().RunPod(node().Pod("stopped"));
  node().StopPod(pod);
  EXPECT_FALSE(node().TryCreate(pod, node().Container("c", {"true"})).ok());
}

}  // namespace
}  // namespace onggi::testing
