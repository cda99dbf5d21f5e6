#include "server/api/system_service.h"
#include "server/kernel_features.h"

namespace onggi {

grpc::Status SystemApi::Version(grpc::ServerContext* context, const v1::VersionRequest*,
                                v1::VersionResponse* response) {
  return Serve({node_, context, "Version", "", RpcKind::kRead}, [&]() -> Result<> {
    response->set_version(ONGGI_VERSION);
    response->set_api_version("v1");
    response->set_os("linux");
    response->set_architecture(Machine());
    response->set_kernel(KernelRelease());
    return Ok();
  });
}

}  // namespace onggi
