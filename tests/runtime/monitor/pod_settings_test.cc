#include "runtime/monitor/pod_settings.h"

#include <gtest/gtest.h>
#include <sched.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using testing::FailsWith;
using testing::IsOk;

TEST(PodSettings, SysctlsOfOwnedNamespacesAreTaken) {
  MonitorOptions all;
  for (const char* name : {"net.ipv4.ip_forward", "net/ipv4/conf/eth0.100/forwarding",
                           "kernel.shm_rmid_forced", "kernel.msgmax", "fs.mqueue.msg_max"}) {
    EXPECT_THAT(CheckPodSysctl(name, all), IsOk()) << name;
  }
}

TEST(PodSettings, SysctlsOfTheNodeAreRefused) {
  MonitorOptions all;
  for (const char* name : {"kernel.core_pattern", "vm.swappiness", "kernel.shm", "net", "net.",
                           "net...kernel.core_pattern", "net.//kernel", "fs.file-max", ""}) {
    EXPECT_THAT(CheckPodSysctl(name, all), FailsWith(Code::kInvalidArgument)) << name;
  }
  MonitorOptions host{.network = false, .ipc = false};
  EXPECT_THAT(CheckPodSysctl("net.ipv4.ip_forward", host), FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(CheckPodSysctl("kernel.msgmax", host), FailsWith(Code::kInvalidArgument));
}

TEST(PodSettings, FlagsAreThoseOfOwnedNamespaces) {
  EXPECT_EQ(PodNamespaceFlags({.network = true, .ipc = false, .uts = true}),
            uint64_t{CLONE_NEWNET | CLONE_NEWUTS});
}

}  // namespace
}  // namespace onggi
