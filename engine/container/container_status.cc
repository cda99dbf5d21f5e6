// Statuses of containers, and what is asked of one while it runs: log, specification.
#include "engine/container/seccomp_profile.h"
#include "engine/engine_impl.h"
#include "runtime/spec/parse.h"

namespace onggi {

Result<ContainerStatus> EngineImpl::GetContainer(const std::string& id) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  return *container->Status();
}

std::vector<std::shared_ptr<const ContainerStatus>> EngineImpl::ListContainersShared(
    const ContainerFilter& filter) {
  std::vector<std::shared_ptr<const ContainerStatus>> out;
  for (const auto& container : registry_.Containers()) {
    std::shared_ptr<const ContainerStatus> status = container->Status();
    if (Matches(filter, *status)) out.push_back(std::move(status));
  }
  return out;
}

std::vector<ContainerStatus> EngineImpl::ListContainers(const ContainerFilter& filter) {
  std::vector<ContainerStatus> out;
  for (const auto& status : ListContainersShared(filter)) out.push_back(*status);
  return out;
}

Result<> EngineImpl::ReopenLog(const std::string& id) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOfRunning(*container));
  return monitor->ReopenLog(container->id()).Wrap("reopen log of container " + container->id());
}

Result<std::string> EngineImpl::ContainerSpecJson(const std::string& id) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  TRY_ASSIGN(std::string stored, records_.SpecOf(container->id()));
  std::shared_ptr<const ContainerStatus> status = container->Status();
  const auto& asked = status->config.security.seccomp;
  if (status->config.security.privileged || !asked ||
      asked->type != SecurityProfile::Type::kRuntimeDefault || !options_.seccomp_profile.empty()) {
    return stored;
  }
  TRY_ASSIGN(spec::Spec spec, spec::ParseSpec(stored));
  if (spec.process && spec.process->capabilities) {
    spec.linux_.seccomp = DefaultSeccomp(spec.process->capabilities->bounding);
  }
  return spec::FormatSpec(spec);
}

}  // namespace onggi
