#include <sys/sysinfo.h>

#include "server/api/system_service.h"
#include "server/kernel_features.h"

namespace onggi {
namespace {

void AddCounts(const Node& node, v1::InfoResponse* response) {
  int running = 0;
  auto containers = node.engine.ListContainersShared({});
  for (const auto& container : containers) {
    running += container->state == ContainerState::kRunning ? 1 : 0;
  }
  response->set_pods(static_cast<int>(node.engine.ListPodsShared({}).size()));
  response->set_containers_running(running);
  response->set_containers_total(static_cast<int>(containers.size()));
  response->set_images(static_cast<int>(node.images.List().size()));
}

}  // namespace

grpc::Status SystemApi::Info(grpc::ServerContext* context, const v1::InfoRequest*,
                             v1::InfoResponse* response) {
  return Serve({node_, context, "Info", "", RpcKind::kRead}, [&]() -> Result<> {
    response->set_version(ONGGI_VERSION);
    response->set_root(node_.config.root);
    response->set_state(node_.config.state);
    response->set_snapshotter(std::string(node_.snapshotter.name()));
    response->set_cgroup_driver(node_.engine.uses_systemd_cgroups() ? "systemd" : "cgroupfs");
    response->set_cgroup_version(CgroupVersion());
    response->set_kernel(KernelRelease());
    response->set_architecture(Machine());
    response->set_cpus(get_nprocs());
    struct sysinfo memory {};
    if (sysinfo(&memory) == 0) {
      response->set_memory_bytes(uint64_t{memory.totalram} * memory.mem_unit);
    }
    AddCounts(node_, response);
    for (const Result<>& ready : {node_.engine.RuntimeReady(), node_.engine.NetworkReady()}) {
      if (!ready) response->add_warnings(ready.error().message());
    }
    if (!HasMountSetattr()) {
      response->add_warnings("kernel before 5.12: no recursive read-only mounts");
    }
    return Ok();
  });
}

}  // namespace onggi
