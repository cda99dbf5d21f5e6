#include <gmock/gmock.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "tests/e2e/node.h"
#include "tests/support/host_snapshot.h"

namespace onggi::testing {
namespace {

// Sum of the Private_* lines of smaps_rollup, bytes.
uint64_t PrivateBytes(const std::string& pid) {
  std::string text = ReadFile("/proc/" + pid + "/smaps_rollup").value_or("");
  uint64_t sum = 0;
  for (std::string_view line : Split(text, '\n')) {
    if (line.rfind("Private_", 0) != 0) continue;
    std::string_view rest = Trim(line.substr(line.find(':') + 1));
    sum += ParseUint(rest.substr(0, rest.find(' '))).value_or(0) * 1024;
  }
  return sum;
}

TEST(Density, AHundredPodsCostAMegabyteEachAndLeaveNothing) {
  auto node = Node::Start({});
  node->RemovePod(node->RunPod(node->Pod("warm-up")));
  auto before = HostSnapshot::Take();
  ASSERT_TRUE(before.has_value());
  for (int i = 0; i < 100; ++i) {
    std::string pod = node->RunPod(node->Pod("d" + std::to_string(i)));
    node->Run(pod, node->Container("c", {"sleep", "1000"}));
    ASSERT_FALSE(HasFailure());
  }
  // The monitors are those processes named onggi-runtime whose command line names this node's
  // state.
  std::string pids =
      Shell("grep -l " + node->directory() +
            "/state /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 | while read p; do "
            "grep -qs '^onggi-' /proc/$p/comm && echo $p; done");
  std::vector<std::string_view> monitors = Split(Trim(pids), '\n');
  EXPECT_EQ(monitors.size(), 100u) << pids;
  uint64_t most = 0;
  for (std::string_view pid : monitors) most = std::max(most, PrivateBytes(std::string(pid)));
  EXPECT_LE(most, uint64_t{1} << 20);
  RecordProperty("most_private_bytes_of_a_monitor", static_cast<int>(most));
  uint64_t daemon = PrivateBytes(std::to_string(node->daemon_pid()));
  RecordProperty("private_bytes_of_the_daemon", static_cast<int>(daemon));
  (void)printf("monitor: at most %lu KiB private; daemon with 100 pods: %lu KiB\n", most >> 10,
               daemon >> 10);
  EXPECT_LE(daemon, uint64_t{60} << 20);
  node->RemoveAllPods();
  auto after = HostSnapshot::Take();
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(before->DifferenceTo(*after), "");
}

}  // namespace
}  // namespace onggi::testing
