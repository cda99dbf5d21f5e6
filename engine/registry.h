// Registry: the pods and containers of the node by id, in memory. Lists copy pointers to immutable
// statuses, so they never wait for a pod.
//
// An id is looked up by any unique prefix; an ambiguous one is InvalidArgument, an unknown one
// NotFound.
//
// Thread-safety: all methods from any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "engine/container/container.h"
#include "engine/pod/pod.h"

namespace onggi {

class Registry {
 public:
  void AddPod(std::shared_ptr<Pod> pod);
  void RemovePod(const std::string& id);
  Result<std::shared_ptr<Pod>> FindPod(const std::string& prefix) const;

  void AddContainer(std::shared_ptr<Container> container);
  void RemoveContainer(const std::string& id);
  Result<std::shared_ptr<Container>> FindContainer(const std::string& prefix) const;

  std::vector<std::shared_ptr<Pod>> Pods() const;
  std::vector<std::shared_ptr<Container>> Containers() const;
  std::vector<std::shared_ptr<Container>> ContainersOf(const std::string& pod_id) const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<Pod>, std::less<>> pods_ GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<Container>, std::less<>> containers_ GUARDED_BY(mutex_);
};

// Whether a status passes a filter.
bool Matches(const PodFilter& filter, const PodStatus& pod);
bool Matches(const ContainerFilter& filter, const ContainerStatus& container);

}  // namespace onggi
