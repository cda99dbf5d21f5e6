#include "server/cri/convert_pod.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::RunPodSandbox(grpc::ServerContext* context,
                                              const cri::RunPodSandboxRequest* request,
                                              cri::RunPodSandboxResponse* response) {
  const cri::PodSandboxMetadata& metadata = request->config().metadata();
  std::string name = metadata.namespace_() + "/" + metadata.name();
  return Serve({node_, context, "RunPodSandbox", name}, [&](const CancelToken& cancel) -> Result<> {
    if (!request->config().has_metadata()) {
      return InvalidArgument("config.metadata: expected name, uid and namespace");
    }
    TRY_ASSIGN(PodConfig config, PodConfigFromCri(request->config(), request->runtime_handler()));
    TRY_ASSIGN(std::string id, node_.engine.RunPod(config, cancel));
    response->set_pod_sandbox_id(std::move(id));
    return Ok();
  });
}

}  // namespace onggi
