// What CreateContainer's steps hand from one to the next.
#pragma once

#include <memory>
#include <vector>

#include "base/rollback.h"
#include "engine/engine_impl.h"

namespace onggi {

struct EngineImpl::NewContainer {
  std::shared_ptr<Pod> pod;
  std::shared_ptr<MonitorClient> monitor;
  ContainerConfig config;  // as asked, with host paths resolved
  Image image;
  ContainerStatus status;
  RootfsMount rootfs;
  std::vector<spec::Mount> volumes;
  spec::Spec spec;
  std::string stored_spec;
  std::shared_ptr<Cgroup> cgroup;
  Rollback undo;
};

// AppArmor and SELinux asked for on a kernel without them is an error, not a silent gap.
// InvalidArgument naming the field.
Result<> CheckSecurityModules(const ContainerSecurity& security);

}  // namespace onggi
