#include "server/cri/runtime_service.h"

namespace onggi {
namespace {

// Of the kubelet's runtime API: kubelet refuses every other text.
constexpr char kKubeletApiVersion[] = "0.1.0";

}  // namespace

grpc::Status CriRuntimeService::Version(grpc::ServerContext* context, const cri::VersionRequest*,
                                        cri::VersionResponse* response) {
  return Serve({node_, context, "Version", "", RpcKind::kRead}, [&]() -> Result<> {
    response->set_version(kKubeletApiVersion);
    response->set_runtime_name("onggi");
    response->set_runtime_version(ONGGI_VERSION);
    response->set_runtime_api_version("v1");
    return Ok();
  });
}

}  // namespace onggi
