// Each step of a creation fails in turn, and nothing is left; then the same request succeeds.
#include "engine/fail_point.h"
#include "tests/engine/engine_node.h"
#include "tests/support/require_root.h"

namespace onggi::testing {
namespace {

TEST(Rollback, RunPodLeavesNothingAtAnyStep) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  for (const char* point : {"run-pod.directory", "run-pod.monitor", "run-pod.cgroup", "run-pod.shm",
                            "run-pod.network", "run-pod.record"}) {
    ArmFailPoints({{point, "error"}});
    EXPECT_THAT(node.engine().RunPod(node.Pod("web"), {}), FailsWith(Code::kInternal, point));
    ArmFailPoints({});
    EXPECT_EQ(node.Leftovers(), "") << point;
    EXPECT_TRUE(node.engine().ListPods({}).empty()) << point;
  }
  std::string pod = node.RunPod("web");
  EXPECT_FALSE(pod.empty());
}

TEST(Rollback, CreateContainerLeavesNothingAtAnyStep) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  for (const char* point : {"create.snapshot", "create.lease", "create.volumes", "create.spec",
                            "create.cgroup", "create.monitor", "create.record"}) {
    ArmFailPoints({{point, "error"}});
    EXPECT_THAT(node.engine().CreateContainer(pod, node.Container("c", {"true"}), {}),
                FailsWith(Code::kInternal, point));
    ArmFailPoints({});
    EXPECT_TRUE(node.engine().ListContainers({}).empty()) << point;
    auto snapshots = node.snapshotter().List();
    for (const SnapshotInfo& info : *snapshots) {
      EXPECT_EQ(info.kind, SnapshotInfo::Kind::kCommitted) << point;
    }
    EXPECT_TRUE(node.images().leases().empty()) << point;
  }
  EXPECT_FALSE(node.Run(pod, "c", {"true"}).empty());
  ASSERT_THAT(node.engine().RemovePod(pod), IsOk());
  EXPECT_EQ(node.Leftovers(), "");
}

TEST(Rollback, AFailedStopIsRepeatedUntilItSucceeds) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  node.Run(pod, "c", {"sleep", "1000"});
  for (const char* point : {"stop-pod.network", "stop-pod.clean", "remove-pod.record"}) {
    ArmFailPoints({{point, "error"}});
    EXPECT_THAT(node.engine().RemovePod(pod), FailsWith(Code::kInternal, point));
    ArmFailPoints({});
    EXPECT_THAT(node.engine().GetPod(pod), IsOk()) << point;
  }
  EXPECT_THAT(node.engine().RemovePod(pod), IsOk());
  EXPECT_EQ(node.Leftovers(), "");
}

TEST(Rollback, ACancelledRunPodIsUndone) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  CancelSource source;
  source.Cancel();
  EXPECT_THAT(node.engine().RunPod(node.Pod("web"), source.token()), FailsWith(Code::kCancelled));
  EXPECT_EQ(node.Leftovers(), "");
}

}  // namespace
}  // namespace onggi::testing
