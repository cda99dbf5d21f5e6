// A daemon that died and came back: what was acknowledged is there, what was not is gone.
#include <csignal>

#include "base/file_io.h"
#include "engine/fail_point.h"
#include "runtime/client/cgroup.h"
#include "tests/engine/engine_node.h"
#include "tests/support/require_root.h"

namespace onggi::testing {
namespace {

TEST(Recovery, PodsAndContainersLiveOn) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  std::string id = node.Run(pod, "c", {"sleep", "1000"});
  std::string created = node.Create(pod, node.Container("later", {"sh", "-c", "exit 4"}));
  int32_t pid = node.engine().GetContainer(id)->pid;
  node.Restart();
  EXPECT_EQ(node.engine().GetPod(pod)->state, PodState::kReady);
  EXPECT_EQ(node.engine().GetContainer(id)->state, ContainerState::kRunning);
  EXPECT_EQ(node.engine().GetContainer(id)->pid, pid);
  EXPECT_EQ(node.Exec(id, {"echo", "hi"}).out, "hi\n");
  EXPECT_THAT(node.engine().StartContainer(created), IsOk());
  EXPECT_EQ(node.WaitExited(created).exit_code, 4);
  EXPECT_EQ(node.RunPod("web"), pod);
  EXPECT_THAT(node.engine().RemovePod(pod), IsOk());
  EXPECT_EQ(node.Leftovers(), "");
}

TEST(Recovery, ExitsThatHappenedMeanwhileAreTaken) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  std::string id = node.Run(pod, "c", {"sh", "-c", "sleep 0.3; exit 9"});
  node.engine();  // the engine is away while the container ends
  ArmFailPoints({});
  node.Restart();
  EXPECT_EQ(node.WaitExited(id).exit_code, 9);
  node.Restart();
  EXPECT_EQ(node.engine().GetContainer(id)->exit_code, 9);
}

TEST(Recovery, APodWhoseMonitorDiedIsNotReady) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string pod = node.RunPod("web");
  std::string id = node.Run(pod, "c", {"sleep", "1000"});
  ASSERT_EQ(kill(node.engine().GetPod(pod)->monitor_pid, SIGKILL), 0);
  ContainerStatus lost = node.WaitExited(id);
  EXPECT_EQ(lost.exit_code, 255);
  EXPECT_EQ(lost.reason, "Unknown");
  EXPECT_EQ(node.engine().GetPod(pod)->state, PodState::kNotReady);
  EXPECT_THAT(node.engine().RemovePod(pod), IsOk());
  EXPECT_EQ(node.Leftovers(), "");
}

TEST(Recovery, ThingsWithoutARecordAreSwept) {
  ONGGI_REQUIRE_ROOT();
  EngineNode node;
  std::string orphan = std::string(64, 'a');
  ASSERT_THAT(node.snapshotter().Prepare(orphan, node.images().Find("busybox")->top_layer), IsOk());
  ASSERT_THAT(node.images().Lease(orphan, "x"), IsOk());
  ASSERT_THAT(Cgroup::Create(node.cgroup_root() + "/" + std::string(64, 'b')), IsOk());
  ASSERT_THAT(MakeDirs(node.state() + "/p/" + std::string(32, 'c') + "/m"), IsOk());
  EXPECT_NE(node.Leftovers(), "");
  node.Restart();
  EXPECT_EQ(node.Leftovers(), "");
}

}  // namespace
}  // namespace onggi::testing
