// RemoveContainer: what it had goes, its record last.
#include <mutex>
#include <shared_mutex>

#include "base/file_io.h"
#include "engine/engine_impl.h"
#include "engine/fail_point.h"

namespace onggi {

Result<> EngineImpl::RemoveContainerLocked(const std::shared_ptr<Container>& container) {
  const std::string& id = container->id();
  TRY(StopContainer(id, std::chrono::seconds(0)));
  MutexLock lock(container->operation());
  if (!registry_.FindContainer(id)) return Ok();  // another removal was first
  std::shared_ptr<const ContainerStatus> status = container->Status();
  if (auto monitor = MonitorOf(*container)) {
    auto deleted = (*monitor)->Delete(id);
    Code code = deleted ? Code::kUnknown : deleted.error().code();
    // Gone with its monitor is as good.
    if (!deleted && code != Code::kNotFound && code != Code::kUnavailable) return deleted;
  }
  if (const auto& cgroup = container->cgroup()) TRY(cgroup->Remove());
  TRY(FailPoint("remove.snapshot"));
  for (size_t i = 0, n = status->config.mounts.size(); i < n; ++i) {
    if (status->config.mounts[i].image.empty()) continue;
    TRY(rooms_.snapshotter->Remove(id + "-image-" + std::to_string(i)));
  }
  TRY(rooms_.snapshotter->Remove(status->snapshot_key));
  TRY(rooms_.images->Unlease(id));
  std::string dir = options_.root + "/containers/" + id;
  if (PathExists(dir)) TRY(RemoveTree(dir));
  TRY(FailPoint("remove.record"));
  TRY(records_.DeleteContainer(id));
  registry_.RemoveContainer(id);
  sampler_.Forget(id);
  container_names_.Release(ContainerKey(container->pod_id(), status->config.metadata), id);
  Tell(Event::Type::kDeleted, id, container->pod_id());
  return Ok();
}

Result<> EngineImpl::RemoveContainer(const std::string& id) {
  auto found = registry_.FindContainer(id);
  if (!found && found.error().code() == Code::kNotFound) return Ok();
  TRY_ASSIGN(std::shared_ptr<Container> container, std::move(found));
  auto pod = registry_.FindPod(container->pod_id());
  if (!pod) return RemoveContainerLocked(container);
  std::shared_lock lock((*pod)->operation());
  return RemoveContainerLocked(container).Wrap("remove container " + container->id());
}

}  // namespace onggi
