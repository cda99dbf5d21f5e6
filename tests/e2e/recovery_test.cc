#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

#include "base/file_io.h"
#include "base/strings.h"
#include "tests/e2e/node.h"
#include "tests/support/host_snapshot.h"

namespace onggi::testing {
namespace {

using ::testing::HasSubstr;

TEST(Recovery, PodsOutliveAKilledDaemonAndTellTheirExit) {
  auto node = Node::Start({});
  std::string pod = node->RunPod(node->Pod("p"));
  std::string lives = node->Run(pod, node->Container("lives", {"sleep", "1000"}));
  std::string ends =
      node->Run(pod, node->Container("ends", {"sh", "-c", "sleep 0.5; echo last words; exit 9"}));
  node->KillDaemon();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  node->StartDaemon();
  EXPECT_EQ(node->PodStatus(pod).state(), cri::SANDBOX_READY);
  EXPECT_EQ(node->Status(lives).state(), cri::CONTAINER_RUNNING);
  cri::ContainerStatus ended = node->Status(ends);
  EXPECT_EQ(ended.state(), cri::CONTAINER_EXITED);
  EXPECT_EQ(ended.exit_code(), 9);
  EXPECT_EQ(node->Log(ends), "last words\n");
  EXPECT_EQ(node->Exec(lives, {"echo", "still here"}).out, "still here\n");
}

TEST(Recovery, AnOrderlyRestartKeepsPodsToo) {
  auto node = Node::Start({});
  std::string pod = node->RunPod(node->Pod("p"));
  std::string id = node->Run(pod, node->Container("c", {"sleep", "1000"}));
  node->StopDaemon();
  node->StartDaemon();
  EXPECT_EQ(node->Exec(id, {"echo", "here"}).out, "here\n");
  EXPECT_EQ(node->PodStatus(pod).network().ip().empty(), false);
}

// What one client did and what was acknowledged, as the oracle of the kill test.
struct Journal {
  std::string pod;       // acknowledged
  std::string started;   // container id, acknowledged as started
  bool removed = false;  // RemovePodSandbox acknowledged
};

// One pod's life, stopped wherever the daemon dies. Each step that is acknowledged is written down.
void LiveOnce(Node& node, int number, Journal& journal) {
  cri::RunPodSandboxRequest run;
  *run.mutable_config() = node.Pod("k" + std::to_string(number));
  cri::RunPodSandboxResponse pod;
  grpc::ClientContext run_context;
  if (!node.runtime().RunPodSandbox(&run_context, run, &pod).ok()) return;
  journal.pod = pod.pod_sandbox_id();
  cri::CreateContainerRequest create;
  create.set_pod_sandbox_id(journal.pod);
  *create.mutable_config() = node.Container("c", {"sh", "-c", "echo booted; exec sleep 1000"});
  cri::CreateContainerResponse created;
  grpc::ClientContext create_context;
  if (!node.runtime().CreateContainer(&create_context, create, &created).ok()) return;
  if (!node.TryStart(created.container_id()).ok()) return;
  journal.started = created.container_id();
  cri::ExecSyncRequest exec;
  exec.set_container_id(journal.started);
  exec.add_cmd("true");
  cri::ExecSyncResponse ran;
  grpc::ClientContext exec_context;
  if (!node.runtime().ExecSync(&exec_context, exec, &ran).ok()) return;
  if (number % 2 == 0) return;  // half of the pods stay
  cri::RemovePodSandboxRequest remove;
  remove.set_pod_sandbox_id(journal.pod);
  cri::RemovePodSandboxResponse removed;
  grpc::ClientContext remove_context;
  journal.removed = node.runtime().RemovePodSandbox(&remove_context, remove, &removed).ok();
}

// Everything acknowledged is there, nothing removed is, and each started container booted exactly
// once.
void CheckJournal(Node& node, const std::vector<Journal>& journals) {
  cri::ListPodSandboxResponse pods;
  grpc::ClientContext context;
  ASSERT_TRUE(node.runtime().ListPodSandbox(&context, {}, &pods).ok());
  std::set<std::string> listed;
  for (const auto& pod : pods.items()) listed.insert(pod.id());
  for (const Journal& journal : journals) {
    if (journal.pod.empty()) continue;
    if (journal.removed) {
      EXPECT_EQ(listed.count(journal.pod), 0u) << "removed pod came back";
      continue;
    }
    if (journal.started.empty()) continue;
    if (listed.count(journal.pod) == 0) continue;  // its unacknowledged removal went through
    cri::ContainerStatusRequest request;
    request.set_container_id(journal.started);
    cri::ContainerStatusResponse response;
    grpc::ClientContext status_context;
    grpc::Status status = node.runtime().ContainerStatus(&status_context, request, &response);
    if (!status.ok()) continue;  // likewise, half way
    EXPECT_EQ(node.Log(journal.started), "booted\n");
  }
}

TEST(Recovery, FiftyKillsUnderLoadLoseNothing) {
  auto node = Node::Start({});
  node->RemovePod(node->RunPod(node->Pod("warm-up")));
  auto before = HostSnapshot::Take();
  ASSERT_TRUE(before.has_value());
  unsigned seed = std::random_device()();
  RecordProperty("seed", static_cast<int>(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    SCOPED_TRACE("round " + std::to_string(round) + " seed " + std::to_string(seed));
    std::vector<Journal> journals(4);
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back(
          [&, i] { LiveOnce(*node, round * 4 + i, journals[static_cast<size_t>(i)]); });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60));
    node->KillDaemon();
    for (std::thread& client : clients) client.join();
    node->StartDaemon();
    CheckJournal(*node, journals);
    if (HasFatalFailure()) return;
    if (round % 10 == 9) node->RemoveAllPods();
    if (HasFailure()) return;
  }
  node->RemoveAllPods();
  auto after = HostSnapshot::Take();
  ASSERT_TRUE(after.has_value());
  std::string difference = before->DifferenceTo(*after);
  EXPECT_EQ(difference, "") << node->DaemonLog();
}

TEST(Recovery, ASecondDaemonOnTheSameRootIsRefusedByName) {
  auto node = Node::Start({});
  auto second = RunCommand(
      {.argv = {BinDirectory() + "/onggid", "--config", node->directory() + "/config.yaml"},
       .env = {"PATH=/usr/bin:/usr/sbin"},
       .timeout = std::chrono::seconds(20)});
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(second->status.ok());
  EXPECT_THAT(second->err, HasSubstr(std::to_string(node->daemon_pid())));
}

}  // namespace
}  // namespace onggi::testing
