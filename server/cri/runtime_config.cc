#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::RuntimeConfig(grpc::ServerContext* context,
                                              const cri::RuntimeConfigRequest*,
                                              cri::RuntimeConfigResponse* response) {
  return Serve({node_, context, "RuntimeConfig", "", RpcKind::kRead}, [&]() -> Result<> {
    response->mutable_linux()->set_cgroup_driver(
        node_.engine.uses_systemd_cgroups() ? cri::SYSTEMD : cri::CGROUPFS);
    return Ok();
  });
}

}  // namespace onggi
