#include <algorithm>
#include <chrono>

#include "server/cri/runtime_service.h"

namespace onggi {
namespace {

// Thirty years: deadlines made from it stay in range.
constexpr int64_t kMaxTimeoutSeconds = 1'000'000'000;

}  // namespace

grpc::Status CriRuntimeService::StopContainer(grpc::ServerContext* context,
                                              const cri::StopContainerRequest* request,
                                              cri::StopContainerResponse*) {
  // Stopping must not fail for its argument: kubelet would repeat it for ever.
  std::chrono::seconds timeout(std::clamp<int64_t>(request->timeout(), 0, kMaxTimeoutSeconds));
  return Serve({node_, context, "StopContainer", request->container_id()},
               [&] { return node_.engine.StopContainer(request->container_id(), timeout); });
}

}  // namespace onggi
