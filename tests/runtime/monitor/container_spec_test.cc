#include "runtime/monitor/container_spec.h"

#include <gtest/gtest.h>

namespace onggi {
namespace {

std::string Types(const spec::Spec& spec) {
  std::string out;
  for (const auto& space : spec.linux_.namespaces) {
    out += space.type + (space.path.empty() ? " " : "=" + space.path + " ");
  }
  return out;
}

TEST(ContainerSpec, PodDecidesAboutSharedNamespaces) {
  spec::Spec spec;
  spec.linux_.namespaces = {{"network", ""}, {"ipc", "/pin/ipc"}, {"mount", ""}, {"pid", "/x"}};
  spec.hostname = "other";
  FitSpecToPod(spec, PidSource::kOwn, false);
  EXPECT_EQ(Types(spec), "ipc=/pin/ipc mount pid ");
  EXPECT_EQ(spec.hostname, "");
}

TEST(ContainerSpec, MountNamespaceIsNeverTheNodes) {
  spec::Spec spec;
  FitSpecToPod(spec, PidSource::kHost, true);
  EXPECT_EQ(Types(spec), "user mount ");
}

TEST(ContainerSpec, ScoreOfTheMonitorIsNotInherited) {
  spec::Spec spec;
  spec.process.emplace();
  FitSpecToPod(spec, PidSource::kOwn, false);
  EXPECT_EQ(spec.process->oom_score_adj, 0);
  spec.process->oom_score_adj = 500;
  FitSpecToPod(spec, PidSource::kOwn, false);
  EXPECT_EQ(spec.process->oom_score_adj, 500);
}

TEST(ContainerSpec, KeptPartLetsGoOfWhatIsLarge) {
  spec::Spec spec;
  spec.process.emplace();
  spec.process->env.assign(1000, "A=B");
  spec.mounts.resize(50);
  spec.linux_.seccomp.emplace();
  spec.linux_.seccomp->syscalls.resize(400);
  spec.linux_.seccomp->flags = {"SECCOMP_FILTER_FLAG_LOG"};
  spec::Spec kept = KeptSpec(std::move(spec));
  EXPECT_TRUE(kept.process->env.empty());
  EXPECT_TRUE(kept.mounts.empty());
  ASSERT_TRUE(kept.linux_.seccomp);
  EXPECT_TRUE(kept.linux_.seccomp->syscalls.empty());
  EXPECT_EQ(kept.linux_.seccomp->flags.size(), 1U);
}

}  // namespace
}  // namespace onggi
