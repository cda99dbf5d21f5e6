// RPCs of the CRI that this version does not offer: they answer Unimplemented and name themselves.
#include "server/cri/runtime_service.h"

namespace onggi {

#define UNIMPLEMENTED(name, Request, Output)                                              \
  grpc::Status CriRuntimeService::name(grpc::ServerContext* context, const cri::Request*, \
                                       Output*) {                                         \
    return ServeUnimplemented({node_, context, #name});                                   \
  }

UNIMPLEMENTED(Exec, ExecRequest, cri::ExecResponse)
UNIMPLEMENTED(Attach, AttachRequest, cri::AttachResponse)
UNIMPLEMENTED(PortForward, PortForwardRequest, cri::PortForwardResponse)
UNIMPLEMENTED(CheckpointContainer, CheckpointContainerRequest, cri::CheckpointContainerResponse)
UNIMPLEMENTED(CheckpointPod, CheckpointPodRequest, cri::CheckpointPodResponse)
UNIMPLEMENTED(RestorePod, RestorePodRequest, cri::RestorePodResponse)
UNIMPLEMENTED(ListMetricDescriptors, ListMetricDescriptorsRequest,
              cri::ListMetricDescriptorsResponse)
UNIMPLEMENTED(ListPodSandboxMetrics, ListPodSandboxMetricsRequest,
              cri::ListPodSandboxMetricsResponse)
UNIMPLEMENTED(StreamPodSandboxMetrics, StreamPodSandboxMetricsRequest,
              grpc::ServerWriter<cri::StreamPodSandboxMetricsResponse>)

#undef UNIMPLEMENTED

}  // namespace onggi
