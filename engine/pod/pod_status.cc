// GetPod, ListPods and UpdatePodResources.
#include <mutex>

#include "engine/engine_impl.h"
#include "engine/pod/text_rules.h"

namespace onggi {

Result<PodStatus> EngineImpl::GetPod(const std::string& id) {
  TRY_ASSIGN(std::shared_ptr<Pod> pod, registry_.FindPod(id));
  return *pod->Status();
}

std::vector<std::shared_ptr<const PodStatus>> EngineImpl::ListPodsShared(const PodFilter& filter) {
  std::vector<std::shared_ptr<const PodStatus>> out;
  for (const auto& pod : registry_.Pods()) {
    std::shared_ptr<const PodStatus> status = pod->Status();
    if (Matches(filter, *status)) out.push_back(std::move(status));
  }
  return out;
}

std::vector<PodStatus> EngineImpl::ListPods(const PodFilter& filter) {
  std::vector<PodStatus> out;
  for (const auto& status : ListPodsShared(filter)) out.push_back(*status);
  return out;
}

Result<> EngineImpl::UpdatePodResources(const std::string& id, const Resources& overhead,
                                        const Resources& resources) {
  TRY(CheckResources("overhead", overhead));
  TRY(CheckResources("resources", resources));
  TRY_ASSIGN(std::shared_ptr<Pod> pod, registry_.FindPod(id));
  std::unique_lock lock(pod->operation());
  PodStatus next = *pod->Status();
  // An orchestrator has resized the parent itself by now; what it says is kept and shown.
  next.updated_resources = resources;
  TRY(records_.UpdatePod(next).Wrap("update pod sandbox " + pod->id()));
  (void)pod->Modify([&](PodStatus& newest) {
    newest.config.overhead = overhead;
    newest.updated_resources = resources;
  });
  return Ok();
}

}  // namespace onggi
