#include "runtime/kernel/sysctl.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace onggi {
namespace {

using ::onggi::testing::FailsWith;
using ::onggi::testing::IsOk;

spec::Spec With(const std::string& name, std::vector<std::string> spaces,
                const std::string& value = "1") {
  spec::Spec spec;
  for (std::string& space : spaces) spec.linux_.namespaces.push_back({std::move(space), ""});
  spec.linux_.sysctl[name] = value;
  return spec;
}

TEST(Sysctl, NamespacedOnesNeedTheirNamespace) {
  EXPECT_THAT(CheckSysctls(With("net.ipv4.ip_forward", {"network"})), IsOk());
  EXPECT_THAT(CheckSysctls(With("net/ipv4/ip_forward", {"network"})), IsOk());
  EXPECT_THAT(CheckSysctls(With("net/ipv4/conf/eth0.1/forwarding", {"network"})), IsOk());
  EXPECT_THAT(CheckSysctls(With("kernel.shmmax", {"ipc"})), IsOk());
  EXPECT_THAT(CheckSysctls(With("fs.mqueue.msg_max", {"ipc"})), IsOk());
  EXPECT_THAT(CheckSysctls(With("net.ipv4.ip_forward", {"ipc"})),
              FailsWith(Code::kInvalidArgument));
  EXPECT_THAT(CheckSysctls(With("kernel.shmmax", {"network"})), FailsWith(Code::kInvalidArgument));
}

TEST(Sysctl, RefusesWhatReachesTheHost) {
  for (const char* name : {"kernel.core_pattern", "kernel.shm_rmid_forced_x",
                           "vm.overcommit_memory", "kernel.shmmaxx", "fs.mqueuex"}) {
    EXPECT_THAT(CheckSysctls(With(name, {"ipc", "network", "uts", "user"})),
                FailsWith(Code::kInvalidArgument))
        << name;
  }
}

TEST(Sysctl, RefusesNamesThatAreNone) {
  for (const char* name :
       {"", "net.", ".net", "net..x", "net.a b", "net.ipv4.x+kernel.core_pattern",
        "net/../kernel/core_pattern", "net.ipv4.\n"}) {
    EXPECT_THAT(CheckSysctls(With(name, {"network"})), FailsWith(Code::kInvalidArgument)) << name;
  }
}

}  // namespace
}  // namespace onggi
