#include "runtime/monitor/cgroup_watch.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/client/cgroup.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_tree.h"

namespace onggi {
namespace {

using testing::IsOk;

TEST(CgroupWatch, OomKillsAreReadFromBothGenerations) {
  testing::TempTree tree;
  tree.File("v1/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  tree.File("v2/memory.events", "low 0\noom 4\noom_kill 2\noom_group_kill 9\n");
  EXPECT_EQ(CountOomKills({tree / "none", tree / "v1"}), 3U);
  EXPECT_EQ(CountOomKills({tree / "v2"}), 2U);
  EXPECT_EQ(CountOomKills({tree / "none"}), 0U);
}

TEST(CgroupWatch, HierarchyWithKillIsPreferredForTracking) {
  testing::TempTree tree;
  tree.File("cpu/cpu.shares");
  tree.File("pids/pids.current");
  tree.File("freezer/freezer.state");
  tree.File("unified/cgroup.kill");
  EXPECT_EQ(TrackingDir({tree / "cpu", tree / "pids", tree / "freezer", tree / "unified"}), 3U);
  EXPECT_EQ(TrackingDir({tree / "cpu", tree / "pids", tree / "freezer"}), 2U);
  EXPECT_EQ(TrackingDir({tree / "pids", tree / "cpu"}), 0U);
  EXPECT_EQ(TrackingDir({tree / "cpu"}), 1U);
}

// Kills the group of a sleeping child through the hierarchies that KEEP selects.
void ExpectKilled(bool (*keep)(const std::string& dir)) {
  auto group = Cgroup::Create("/onggi-test-watch-" + std::to_string(getpid()));
  ASSERT_THAT(group, IsOk());
  pid_t child = fork();
  if (child == 0) {
    while (true) pause();
  }
  ASSERT_THAT(group->Join(child), IsOk());
  std::vector<std::string> dirs;
  for (const std::string& dir : group->dirs()) {
    if (keep(dir)) dirs.push_back(dir);
  }
  KillCgroup(dirs);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_THAT(group->Remove(), IsOk());
}

TEST(CgroupWatch, KillReachesTheGroup) {
  ExpectKilled([](const std::string&) { return true; });
}

TEST(CgroupWatch, KillWithoutKernelHelpReachesTheGroup) {
  ExpectKilled([](const std::string& dir) { return dir.find("/freezer/") != std::string::npos; });
}

}  // namespace
}  // namespace onggi
