// Records: pods and containers in the store. Two tables of the room "engine": the configuration as
// it was asked, the status that changes, and for a container the specification it was made from.
//
// Thread-safety: all functions from any thread; each is one transaction.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/container/container_config.h"
#include "engine/pod/pod_config.h"
#include "store/database.h"

namespace onggi {

class Records {
 public:
  // DATABASE must outlive it.
  static Result<Records> Open(Database& database);

  Result<> InsertPod(const PodStatus& pod);
  Result<> UpdatePod(const PodStatus& pod);
  Result<> DeletePod(const std::string& id);

  // SPEC is the OCI specification as JSON.
  Result<> InsertContainer(const ContainerStatus& container, const std::string& spec);
  Result<> UpdateContainer(const ContainerStatus& container);
  // Status and configuration are columns of their own: an exit and an update do not undo each
  // other.
  Result<> UpdateContainerConfig(const std::string& id, const ContainerConfig& config);
  Result<> DeleteContainer(const std::string& id);
  Result<std::string> SpecOf(const std::string& id);

  struct Loaded {
    std::vector<PodStatus> pods;
    std::vector<ContainerStatus> containers;
    std::vector<std::string> damaged;  // "pod ID: why": left out, the rest is sound
  };
  Result<Loaded> Load();

  Result<std::string> Meta(const std::string& key);  // "" when unset
  Result<> SetMeta(const std::string& key, const std::string& value);

 private:
  explicit Records(Database& database) : database_(&database) {}
  Database* database_;
};

// The JSON of one configuration, for tests and verbose output.
std::string FormatConfig(const PodConfig& config);
std::string FormatConfig(const ContainerConfig& config);
Result<PodConfig> ParsePodConfig(const std::string& text);
Result<ContainerConfig> ParseContainerConfig(const std::string& text);

}  // namespace onggi
