#include "engine/registry.h"

#include "base/id.h"
#include "base/strings.h"

namespace onggi {
namespace {

template <typename Map>
Result<typename Map::mapped_type> FindByPrefix(const Map& map, const std::string& prefix,
                                               const char* what) {
  std::string name = std::string(what) + " " + Quote(prefix.substr(0, 64));
  if (!IsIdPrefix(prefix)) return NotFound(name + " is not known");
  auto at = map.lower_bound(prefix);
  if (at == map.end() || at->first.compare(0, prefix.size(), prefix) != 0) {
    return NotFound(name + " is not known");
  }
  auto next = std::next(at);
  if (at->first != prefix && next != map.end() &&
      next->first.compare(0, prefix.size(), prefix) == 0) {
    return InvalidArgument(name + " is ambiguous: give more of the id");
  }
  return at->second;
}

bool HasLabels(const StringMap& wanted, const StringMap& labels) {
  for (const auto& [key, value] : wanted) {
    auto at = labels.find(key);
    if (at == labels.end() || at->second != value) return false;
  }
  return true;
}

bool HasPrefix(const std::string& id, const std::string& prefix) {
  return id.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

void Registry::AddPod(std::shared_ptr<Pod> pod) {
  MutexLock lock(mutex_);
  pods_[pod->id()] = std::move(pod);
}

void Registry::RemovePod(const std::string& id) {
  MutexLock lock(mutex_);
  pods_.erase(id);
}

Result<std::shared_ptr<Pod>> Registry::FindPod(const std::string& prefix) const {
  MutexLock lock(mutex_);
  return FindByPrefix(pods_, prefix, "pod sandbox");
}

void Registry::AddContainer(std::shared_ptr<Container> container) {
  MutexLock lock(mutex_);
  containers_[container->id()] = std::move(container);
}

void Registry::RemoveContainer(const std::string& id) {
  MutexLock lock(mutex_);
  containers_.erase(id);
}

Result<std::shared_ptr<Container>> Registry::FindContainer(const std::string& prefix) const {
  MutexLock lock(mutex_);
  return FindByPrefix(containers_, prefix, "container");
}

std::vector<std::shared_ptr<Pod>> Registry::Pods() const {
  std::vector<std::shared_ptr<Pod>> out;
  MutexLock lock(mutex_);
  out.reserve(pods_.size());
  for (const auto& [id, pod] : pods_) out.push_back(pod);
  return out;
}

std::vector<std::shared_ptr<Container>> Registry::Containers() const {
  std::vector<std::shared_ptr<Container>> out;
  MutexLock lock(mutex_);
  out.reserve(containers_.size());
  for (const auto& [id, container] : containers_) out.push_back(container);
  return out;
}

std::vector<std::shared_ptr<Container>> Registry::ContainersOf(const std::string& pod_id) const {
  std::vector<std::shared_ptr<Container>> out;
  MutexLock lock(mutex_);
  for (const auto& [id, container] : containers_) {
    if (container->pod_id() == pod_id) out.push_back(container);
  }
  return out;
}

bool Matches(const PodFilter& filter, const PodStatus& pod) {
  return HasPrefix(pod.id, filter.id) && (!filter.state || *filter.state == pod.state) &&
         HasLabels(filter.labels, pod.config.labels);
}

bool Matches(const ContainerFilter& filter, const ContainerStatus& container) {
  return HasPrefix(container.id, filter.id) && HasPrefix(container.pod_id, filter.pod_id) &&
         (!filter.state || *filter.state == container.state) &&
         HasLabels(filter.labels, container.config.labels);
}

}  // namespace onggi
