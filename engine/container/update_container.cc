// UpdateContainer and PauseContainer.
#include <mutex>

#include "base/file_io.h"
#include "base/strings.h"
#include "engine/engine_impl.h"
#include "engine/fail_point.h"
#include "engine/pod/text_rules.h"

namespace onggi {
namespace {

// CRI: what is 0 or "" is left as it is.
Resources Merge(Resources base, const Resources& change) {
  auto take = [](auto& into, const auto& from) {
    if (from != std::decay_t<decltype(from)>{}) into = from;
  };
  take(base.cpu_period_us, change.cpu_period_us);
  take(base.cpu_quota_us, change.cpu_quota_us);
  take(base.cpu_shares, change.cpu_shares);
  take(base.memory_limit_bytes, change.memory_limit_bytes);
  take(base.memory_swap_limit_bytes, change.memory_swap_limit_bytes);
  take(base.cpuset_cpus, change.cpuset_cpus);
  take(base.cpuset_mems, change.cpuset_mems);
  take(base.oom_score_adj, change.oom_score_adj);
  take(base.pids_limit, change.pids_limit);
  // A new limit without a word on swap means "no swap" again, whatever stood before.
  if (change.memory_limit_bytes != 0 && change.memory_swap_limit_bytes == 0) {
    base.memory_swap_limit_bytes = 0;
  }
  if (!change.hugepage_limits.empty()) base.hugepage_limits = change.hugepage_limits;
  for (const auto& [key, value] : change.unified) base.unified[key] = value;
  return base;
}

// What must be written to get from AFTER back to BEFORE: values that were unset become the
// kernel's "no limit".
spec::Resources UndoOf(const Resources& before, const Resources& after) {
  spec::Resources undo = ToSpecResources(before);
  if (after.cpu_quota_us != 0 && before.cpu_quota_us == 0) undo.cpu_quota = -1;
  if (after.cpu_shares != 0 && before.cpu_shares == 0) undo.cpu_shares = 1024;
  if (after.memory_limit_bytes != 0 && before.memory_limit_bytes == 0) {
    undo.memory_limit = -1;
    if (CanLimitSwap()) undo.memory_swap = -1;
  }
  if (after.pids_limit != 0 && before.pids_limit == 0) undo.pids_limit = -1;
  return undo;
}

// Shrinking below what is in use would make the kernel reclaim and kill.
Result<> CheckUsage(const Cgroup& cgroup, const Resources& before, const Resources& after) {
  if (after.memory_limit_bytes <= 0 || after.memory_limit_bytes == before.memory_limit_bytes) {
    return Ok();
  }
  std::string dir = cgroup.DirOf("memory");
  const char* file =
      cgroup.layout() == CgroupLayout::kV2 ? "/memory.current" : "/memory.usage_in_bytes";
  auto text = ReadFile(dir + file, 64);
  if (!text) return Ok();
  auto usage = ParseUint(Trim(*text));
  if (!usage || *usage <= static_cast<uint64_t>(after.memory_limit_bytes)) return Ok();
  return FailedPrecondition("memory_limit_in_bytes " + std::to_string(after.memory_limit_bytes) +
                            " is below the " + std::to_string(*usage) + " bytes in use");
}

}  // namespace

Result<> EngineImpl::UpdateContainer(const std::string& id, const Resources& resources) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  MutexLock lock(container->operation());
  std::shared_ptr<const ContainerStatus> status = container->Status();
  if (status->state == ContainerState::kExited) {
    return FailedPrecondition("update container " + container->id() + ": it has ended");
  }
  Resources before = status->config.resources;
  Resources after = Merge(before, resources);
  TRY(CheckResources("linux", after));
  ContainerConfig config = status->config;
  config.resources = after;
  if (const auto& cgroup = container->cgroup()) {
    TRY(CheckUsage(*cgroup, before, after).Wrap("update container " + container->id()));
    auto applied = cgroup->Apply(ToSpecResources(after));
    if (applied) applied = FailPoint("update.record");
    if (applied) applied = records_.UpdateContainerConfig(container->id(), config);
    if (!applied) {
      (void)cgroup->Apply(UndoOf(before, after));  // all or nothing; the first error is told
      return std::move(applied).Wrap("update container " + container->id());
    }
  }
  (void)container->Modify([&](ContainerStatus& next) {
    next.config.resources = after;
    return true;
  });
  return Ok();
}

Result<> EngineImpl::PauseContainer(const std::string& id, bool paused) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  MutexLock lock(container->operation());
  TRY(MonitorOfRunning(*container));
  const auto& cgroup = container->cgroup();
  if (!cgroup) return FailedPrecondition("container " + container->id() + " has no cgroup");
  return (paused ? cgroup->Freeze() : cgroup->Thaw()).Wrap("pause container " + container->id());
}

}  // namespace onggi
