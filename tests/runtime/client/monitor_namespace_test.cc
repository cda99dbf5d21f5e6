// What the containers of a pod share, through a real monitor.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "tests/runtime/client/pod_fixture.h"
#include "tests/support/host_snapshot.h"
#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::Eventually;
using testing::IsAlive;
using testing::IsOk;

ino_t NamespaceOf(const std::string& path) {
  struct stat st {};
  EXPECT_EQ(stat(path.c_str(), &st), 0) << path;
  return st.st_ino;
}

ino_t NamespaceOf(pid_t pid, const std::string& file) {
  return NamespaceOf("/proc/" + std::to_string(pid) + "/ns/" + file);
}

class MonitorNamespaceTest : public testing::PodFixture {
 protected:
  pid_t PidOf(const std::string& id) {
    auto list = monitor_->List();
    EXPECT_THAT(list, IsOk());
    for (const auto& container : *list) {
      if (container.id == id) return container.pid;
    }
    ADD_FAILURE() << id;
    return 0;
  }
};

TEST_F(MonitorNamespaceTest, ContainersShareWhatThePodOwns) {
  MonitorOptions options = Options();
  options.sysctls = {{"net.ipv4.ip_unprivileged_port_start", "80"},
                     {"kernel.shm_rmid_forced", "1"}};
  Spawn(options);
  Run(Shell("c1", "sleep 100"));
  Run(Shell("c2", "sleep 100"));
  for (const char* file : {"net", "ipc", "uts"}) {
    EXPECT_EQ(NamespaceOf(PidOf("c1"), file), NamespaceOf(PidOf("c2"), file)) << file;
    EXPECT_NE(NamespaceOf(PidOf("c1"), file), NamespaceOf(getpid(), file)) << file;
    EXPECT_EQ(NamespaceOf(monitor_->NamespacePath(file)), NamespaceOf(PidOf("c1"), file)) << file;
  }
  EXPECT_NE(NamespaceOf(PidOf("c1"), "pid"), NamespaceOf(PidOf("c2"), "pid"));
  EXPECT_EQ(Output("c1", "hostname"), "pod\n");
  EXPECT_EQ(Output("c2",
                   "cat /proc/sys/net/ipv4/ip_unprivileged_port_start "
                   "/proc/sys/kernel/shm_rmid_forced"),
            "80\n1\n");
  EXPECT_EQ(monitor_->NamespacePath("network"), monitor_->NamespacePath("net"));
  EXPECT_EQ(monitor_->NamespacePath("user"), "");
}

TEST_F(MonitorNamespaceTest, HostNamespacesStayTheHosts) {
  MonitorOptions options = Options();
  options.network = options.ipc = options.uts = false;
  Spawn(options);
  ContainerCreate create = Shell("c1", "sleep 100");
  create.host_pid = true;
  create.cgroup_dirs = ShellInCgroup("g", "").cgroup_dirs;
  Run(create);
  for (const char* file : {"net", "ipc", "uts", "pid"}) {
    EXPECT_EQ(NamespaceOf(PidOf("c1"), file), NamespaceOf(getpid(), file)) << file;
  }
  EXPECT_EQ(monitor_->NamespacePath("net"), "");
}

TEST_F(MonitorNamespaceTest, PinsHoldThePathsAndGoWithThePod) {
  MonitorOptions options = Options();
  options.pin_directory = tree_.Dir("pins");
  Spawn(options);
  EXPECT_EQ(monitor_->NamespacePath("net"), tree_ / "pins/net");
  Run(Shell("c1", "sleep 100"));
  EXPECT_EQ(NamespaceOf(tree_ / "pins/net"), NamespaceOf(PidOf("c1"), "net"));
  ASSERT_THAT(monitor_->Shutdown(), IsOk());
  EXPECT_FALSE(tree_.Exists("pins/net"));
  EXPECT_EQ(ReadFile("/proc/self/mountinfo")->find(tree_ / "pins"), std::string::npos);
}

TEST_F(MonitorNamespaceTest, FailedSetupLeavesNoPin) {
  MonitorOptions options = Options();
  options.pin_directory = tree_.Dir("pins");
  tree_.Dir("pins/uts");  // in the way of the last one
  EXPECT_FALSE(MonitorClient::Spawn(options));
  EXPECT_FALSE(tree_.Exists("pins/net"));
  EXPECT_EQ(ReadFile("/proc/self/mountinfo")->find(tree_ / "pins"), std::string::npos);
}

TEST_F(MonitorNamespaceTest, SharedPidNamespaceHasAnInitThatIsWorthNothing) {
  MonitorOptions options = Options();
  options.shared_pid = true;
  Spawn(options);
  Run(ShellInCgroup("c1", "sleep 100"));
  Run(ShellInCgroup("c2", "sleep 100"));
  EXPECT_EQ(NamespaceOf(PidOf("c1"), "pid"), NamespaceOf(PidOf("c2"), "pid"));
  EXPECT_EQ(NamespaceOf(monitor_->NamespacePath("pid")), NamespaceOf(PidOf("c1"), "pid"));
  EXPECT_EQ(Output("c1", "cat /proc/1/comm; ls /proc/1/ns >/dev/null"), "onggi-init\n");
  EXPECT_EQ(Output("c1", "grep CapPrm /proc/1/status"), "CapPrm:\t0000000000000000\n");
  // Not even its root: with all capabilities, as these containers have, an empty directory.
  EXPECT_EQ(Output("c1", "ls -A /proc/1/root/ | head -n 3; ls /proc/1/fd"), "");
  // It reaps what is orphaned.
  Output("c1", "(sleep 0.05 &) ; true");
  EXPECT_TRUE(
      Eventually([&] { return Output("c1", "ps | grep -c 'sleep 0[.]05' || true") == "0\n"; }));
}

TEST_F(MonitorNamespaceTest, EndOfAContainerInASharedPidNamespaceEndsAllOfIt) {
  MonitorOptions options = Options();
  options.shared_pid = true;
  Spawn(options);
  Run(ShellInCgroup("c1", "setsid sleep 91 & setsid sleep 91 & sleep 0.1; exit 3"));
  Run(ShellInCgroup("c2", "sleep 100"));
  EXPECT_EQ(AwaitExit("c1").exit_code, 3);
  EXPECT_TRUE(Eventually([&] { return cgroups_[0].Pids()->empty(); }));
  EXPECT_EQ(cgroups_[1].Pids()->size(), 1U);
}

TEST_F(MonitorNamespaceTest, TargetSharesItsPidNamespace) {
  Spawn();
  Run(Shell("c1", "sleep 100"));
  ContainerCreate debug = ShellInCgroup("debug", "sleep 100");
  debug.pid_target = "c1";
  Run(debug);
  EXPECT_EQ(NamespaceOf(PidOf("c1"), "pid"), NamespaceOf(PidOf("debug"), "pid"));
  debug.id = "late";
  debug.pid_target = "nobody";
  EXPECT_FALSE(monitor_->Create(debug));
}

TEST_F(MonitorNamespaceTest, UserNamespaceOwnsTheOthers) {
  MonitorOptions options = Options();
  options.uid_mappings = {{0, 100000, 65536}};
  options.gid_mappings = {{0, 100000, 65536}};
  options.shared_pid = true;
  options.sysctls = {{"net.ipv4.ip_unprivileged_port_start", "80"},
                     {"kernel.shm_rmid_forced", "1"}};
  ASSERT_EQ(chmod(tree_.path().c_str(), 0755), 0);
  Spawn(options);
  EXPECT_EQ(NamespaceOf(monitor_->pid(), "user"), NamespaceOf(getpid(), "user"));
  ContainerCreate create = ShellInCgroup("c1", "sleep 100");
  Run(create);
  EXPECT_EQ(NamespaceOf(PidOf("c1"), "user"), NamespaceOf(monitor_->NamespacePath("user")));
  EXPECT_NE(NamespaceOf(PidOf("c1"), "user"), NamespaceOf(getpid(), "user"));
  EXPECT_EQ(Output("c1",
                   "id -u; hostname; cat /proc/sys/net/ipv4/ip_unprivileged_port_start "
                   "/proc/sys/kernel/shm_rmid_forced /proc/1/comm"),
            "0\npod\n80\n1\nonggi-init\n");
  struct stat st {};
  ASSERT_EQ(stat(("/proc/" + std::to_string(PidOf("c1"))).c_str(), &st), 0);
  EXPECT_EQ(st.st_uid, 100000U);
}

TEST_F(MonitorNamespaceTest, HostIsAsBefore) {
  auto before = testing::HostSnapshot::Take();
  ASSERT_THAT(before, IsOk());
  MonitorOptions options = Options();
  options.pin_directory = tree_.Dir("pins");
  options.shared_pid = true;
  Spawn(options);
  Run(ShellInCgroup("c1", "sleep 100"));
  Output("c1", "sleep 100 & true");
  TearDown();
  monitor_.reset();
  cgroups_.clear();
  EXPECT_TRUE(Eventually([&] {
    auto after = testing::HostSnapshot::Take();
    return after && before->DifferenceTo(*after).find("onggi-test-" + std::to_string(getpid())) ==
                        std::string::npos;
  }));
}

}  // namespace
}  // namespace onggi
