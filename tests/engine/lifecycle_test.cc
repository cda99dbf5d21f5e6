// Pods and containers from their start to their end, on the real kernel.
#include <csignal>

#include <thread>

#include "base/file_io.h"
#include "tests/engine/engine_node.h"
#include "tests/support/require_root.h"

namespace onggi::testing {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(Lifecycle, APodRunsAContainerAndLeavesNothing) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  ASSERT_FALSE(pod.empty());
  auto status = node.engine().GetPod(pod);
  ASSERT_THAT(status, IsOk());
  EXPECT_EQ(status->state, PodState::kReady);
  EXPECT_EQ(status->ips, std::vector<std::string>{"10.9.0.2"});
  EXPECT_GT(status->created_at_ns, 0);

  std::string id = node.Create(pod, node.Container("c", {"sh", "-c", "echo hello; exit 7"}));
  ASSERT_FALSE(id.empty());
  EXPECT_EQ(node.engine().GetContainer(id)->state, ContainerState::kCreated);
  ASSERT_THAT(node.engine().StartContainer(id), IsOk());
  ContainerStatus ended = node.WaitExited(id);
  EXPECT_EQ(ended.exit_code, 7);
  EXPECT_EQ(ended.reason, "Error");
  EXPECT_GT(ended.started_at_ns, 0);
  EXPECT_GE(ended.finished_at_ns, ended.started_at_ns);
  EXPECT_EQ(node.Log(id), "hello\n");

  ASSERT_THAT(node.engine().StopPod(pod), IsOk());
  ASSERT_THAT(node.engine().StopPod(pod), IsOk());
  EXPECT_EQ(node.engine().GetPod(pod)->state, PodState::kNotReady);
  EXPECT_THAT(node.engine().CreateContainer(pod, node.Container("d", {"true"}), {}),
              FailsWith(Code::kFailedPrecondition, "not ready"));
  ASSERT_THAT(node.engine().RemovePod(pod), IsOk());
  ASSERT_THAT(node.engine().RemovePod(pod), IsOk());
  EXPECT_THAT(node.engine().GetPod(pod), FailsWith(Code::kNotFound));
  EXPECT_TRUE(node.engine().ListContainers({}).empty());
  EXPECT_EQ(node.Leftovers(), "");
}

TEST(Lifecycle, ExecAnswersOutputAndExitCode) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string id = node.Run(node.RunPod("web"), "c", {"sleep", "1000"});
  ExecOutput output = node.Exec(id, {"sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(output.out, "out\n");
  EXPECT_EQ(output.err, "err\n");
  EXPECT_EQ(output.exit_code, 3);
}

TEST(Lifecycle, ExecPastItsTimeoutEndsTheWholeTree) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string id = node.Run(node.RunPod("web"), "c", {"sleep", "1000"});
  ExecOptions options;
  options.container_id = id;
  options.command = {"sh", "-c", "sleep 77 & sleep 77"};
  auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(node.engine().ExecSync(options, std::chrono::milliseconds(300), {}),
              FailsWith(Code::kDeadlineExceeded));
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(5));
  usleep(100'000);
  EXPECT_THAT(node.Exec(id, {"sh", "-c", "ps | grep -c '[s]leep 77'"}).out, HasSubstr("0"));
}

TEST(Lifecycle, ABackgroundChildThatHoldsTheOutputDoesNotHangExec) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string id = node.Run(node.RunPod("web"), "c", {"sleep", "1000"});
  auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(node.Exec(id, {"sh", "-c", "sleep 60 & echo done"}).out, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(5));
}

TEST(Lifecycle, StopSendsTheSignalThenKills) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  std::string polite =
      node.Run(pod, "a", {"sh", "-c", "trap 'exit 5' TERM; while true; do sleep 0.05; done"});
  std::string stubborn =
      node.Run(pod, "b", {"sh", "-c", "trap '' TERM; while true; do sleep 0.05; done"});
  usleep(200'000);
  ASSERT_THAT(node.engine().StopContainer(polite, seconds(20)), IsOk());
  EXPECT_EQ(node.engine().GetContainer(polite)->exit_code, 5);
  ASSERT_THAT(node.engine().StopContainer(stubborn, seconds(1)), IsOk());
  EXPECT_EQ(node.engine().GetContainer(stubborn)->exit_code, 137);
  EXPECT_THAT(node.engine().StopContainer(stubborn, seconds(1)), IsOk());
  EXPECT_THAT(node.engine().StopContainer("0123456789abcdef", seconds(1)), IsOk());
}

TEST(Lifecycle, ALaterStopShortensTheWait) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string id = node.Run(node.RunPod("web"), "c",
                            {"sh", "-c", "trap '' TERM; while true; do sleep 0.05; done"});
  usleep(200'000);
  auto began = std::chrono::steady_clock::now();
  std::thread first([&] { EXPECT_THAT(node.engine().StopContainer(id, seconds(60)), IsOk()); });
  usleep(100'000);
  EXPECT_THAT(node.engine().StopContainer(id, seconds(0)), IsOk());
  first.join();
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
}

TEST(Lifecycle, APausedContainerCanBeStopped) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string id = node.Run(node.RunPod("web"), "c", {"sleep", "1000"});
  ASSERT_THAT(node.engine().PauseContainer(id, true), IsOk());
  ASSERT_THAT(node.engine().StopContainer(id, seconds(1)), IsOk());
  EXPECT_EQ(node.engine().GetContainer(id)->state, ContainerState::kExited);
}

TEST(Lifecycle, AFailedStartIsAnExitWithReason) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string id = node.Create(node.RunPod("web"), node.Container("c", {"/no/such/file"}));
  if (id.empty()) return;
  EXPECT_FALSE(node.engine().StartContainer(id).has_value());
  ContainerStatus status = *node.engine().GetContainer(id);
  EXPECT_EQ(status.state, ContainerState::kExited);
  EXPECT_EQ(status.exit_code, 128);
  EXPECT_EQ(status.reason, "StartError");
  EXPECT_THAT(status.message, HasSubstr("/no/such/file"));
  EXPECT_THAT(node.engine().StartContainer(id), FailsWith(Code::kFailedPrecondition));
}

TEST(Lifecycle, OutOfMemoryIsTheReason) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  ContainerConfig config =
      node.Container("c", {"sh", "-c", "dd if=/dev/zero of=/dev/null bs=100M"});
  config.resources.memory_limit_bytes = 15 << 20;
  std::string id = node.Run(node.RunPod("web"), config);
  ContainerStatus status = node.WaitExited(id);
  EXPECT_EQ(status.exit_code, 137);
  EXPECT_EQ(status.reason, "OOMKilled");
}

TEST(Lifecycle, TheSamePodTwentyTimesAtOnceIsOnePod) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::vector<std::thread> threads;
  std::vector<std::string> ids(20);
  for (size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back([&, i] { ids[i] = node.RunPod("same"); });
  }
  for (auto& thread : threads) thread.join();
  for (const std::string& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_EQ(node.engine().ListPods({}).size(), 1u);
  std::vector<std::thread> creators;
  for (size_t i = 0; i < ids.size(); ++i) {
    creators.emplace_back([&, i] { ids[i] = node.Create(ids[i], node.Container("c", {"true"})); });
  }
  for (auto& thread : creators) thread.join();
  for (const std::string& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_EQ(node.engine().ListContainers({}).size(), 1u);
}

TEST(Lifecycle, AStoppedPodOfTheSameNameIsInTheWay) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  ASSERT_THAT(node.engine().StopPod(pod), IsOk());
  EXPECT_THAT(node.engine().RunPod(node.Pod("web"), {}),
              FailsWith(Code::kAlreadyExists, "raise the attempt"));
  PodConfig next = node.Pod("web");
  next.metadata.attempt = 1;
  EXPECT_FALSE(node.RunPod(next).empty());
}

TEST(Lifecycle, PrefixesOfIdsAreEnough) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  EXPECT_EQ(node.engine().GetPod(pod.substr(0, 10))->id, pod);
  EXPECT_THAT(node.engine().GetPod("xyz"), FailsWith(Code::kNotFound));
  PodFilter filter;
  filter.id = pod.substr(0, 5);
  EXPECT_EQ(node.engine().ListPods(filter).size(), 1u);
  filter.id = "ffffffffffffffff";
  EXPECT_TRUE(node.engine().ListPods(filter).empty());
}

TEST(Lifecycle, EventsTellWhatListsShow) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  auto subscription = node.engine().events().Subscribe();
  std::string pod = node.RunPod("web");
  std::string id = node.Run(pod, "c", {"true"});
  node.WaitExited(id);
  ASSERT_THAT(node.engine().RemovePod(pod), IsOk());
  std::vector<std::pair<Event::Type, std::string>> told;
  using Type = Event::Type;
  while (told.empty() || told.back() != std::pair(Type::kDeleted, pod)) {
    auto event = subscription->Next({});
    ASSERT_TRUE(event.has_value());
    told.emplace_back(event->type, event->id);
    if (event->id == id && event->type == Type::kStopped) {
      ASSERT_EQ(event->containers.size(), 1u);
      EXPECT_EQ(event->containers[0].state, ContainerState::kExited);
    }
  }
  std::vector<std::pair<Event::Type, std::string>> expected = {
      {Type::kCreated, pod}, {Type::kStarted, pod}, {Type::kCreated, id}, {Type::kStarted, id},
      {Type::kStopped, id},  {Type::kStopped, pod}, {Type::kDeleted, id}, {Type::kDeleted, pod}};
  EXPECT_EQ(told, expected);
  EXPECT_EQ(subscription->dropped(), 0u);
}

}  // namespace
}  // namespace onggi::testing
