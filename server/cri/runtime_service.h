// CriRuntimeService: CRI's RuntimeService: requests to engine calls and back. One RPC
// per file beside this one, named after the call; those that this version does not offer stand in
// unimplemented.cc.
//
// Thread-safety: gRPC calls it from many threads.
#pragma once

#include "proto/runtime/v1/api.grpc.pb.h"
#include "server/cri/convert_common.h"
#include "server/rpc.h"

namespace onggi {

class CriRuntimeService final : public cri::RuntimeService::Service {
 public:
  explicit CriRuntimeService(Node& node) : node_(node) {}

  grpc::Status Version(grpc::ServerContext* context, const cri::VersionRequest* request,
                       cri::VersionResponse* response) override;
  grpc::Status RunPodSandbox(grpc::ServerContext* context, const cri::RunPodSandboxRequest* request,
                             cri::RunPodSandboxResponse* response) override;
  grpc::Status StopPodSandbox(grpc::ServerContext* context,
                              const cri::StopPodSandboxRequest* request,
                              cri::StopPodSandboxResponse* response) override;
  grpc::Status RemovePodSandbox(grpc::ServerContext* context,
                                const cri::RemovePodSandboxRequest* request,
                                cri::RemovePodSandboxResponse* response) override;
  grpc::Status PodSandboxStatus(grpc::ServerContext* context,
                                const cri::PodSandboxStatusRequest* request,
                                cri::PodSandboxStatusResponse* response) override;
  grpc::Status ListPodSandbox(grpc::ServerContext* context,
                              const cri::ListPodSandboxRequest* request,
                              cri::ListPodSandboxResponse* response) override;
  grpc::Status StreamPodSandboxes(
      grpc::ServerContext* context, const cri::StreamPodSandboxesRequest* request,
      grpc::ServerWriter<cri::StreamPodSandboxesResponse>* writer) override;
  grpc::Status CreateContainer(grpc::ServerContext* context,
                               const cri::CreateContainerRequest* request,
                               cri::CreateContainerResponse* response) override;
  grpc::Status StartContainer(grpc::ServerContext* context,
                              const cri::StartContainerRequest* request,
                              cri::StartContainerResponse* response) override;
  grpc::Status StopContainer(grpc::ServerContext* context, const cri::StopContainerRequest* request,
                             cri::StopContainerResponse* response) override;
  grpc::Status RemoveContainer(grpc::ServerContext* context,
                               const cri::RemoveContainerRequest* request,
                               cri::RemoveContainerResponse* response) override;
  grpc::Status ListContainers(grpc::ServerContext* context,
                              const cri::ListContainersRequest* request,
                              cri::ListContainersResponse* response) override;
  grpc::Status StreamContainers(grpc::ServerContext* context,
                                const cri::StreamContainersRequest* request,
                                grpc::ServerWriter<cri::StreamContainersResponse>* writer) override;
  grpc::Status ContainerStatus(grpc::ServerContext* context,
                               const cri::ContainerStatusRequest* request,
                               cri::ContainerStatusResponse* response) override;
  grpc::Status UpdateContainerResources(grpc::ServerContext* context,
                                        const cri::UpdateContainerResourcesRequest* request,
                                        cri::UpdateContainerResourcesResponse* response) override;
  grpc::Status ReopenContainerLog(grpc::ServerContext* context,
                                  const cri::ReopenContainerLogRequest* request,
                                  cri::ReopenContainerLogResponse* response) override;
  grpc::Status ExecSync(grpc::ServerContext* context, const cri::ExecSyncRequest* request,
                        cri::ExecSyncResponse* response) override;
  grpc::Status Exec(grpc::ServerContext* context, const cri::ExecRequest* request,
                    cri::ExecResponse* response) override;
  grpc::Status Attach(grpc::ServerContext* context, const cri::AttachRequest* request,
                      cri::AttachResponse* response) override;
  grpc::Status PortForward(grpc::ServerContext* context, const cri::PortForwardRequest* request,
                           cri::PortForwardResponse* response) override;
  grpc::Status ContainerStats(grpc::ServerContext* context,
                              const cri::ContainerStatsRequest* request,
                              cri::ContainerStatsResponse* response) override;
  grpc::Status ListContainerStats(grpc::ServerContext* context,
                                  const cri::ListContainerStatsRequest* request,
                                  cri::ListContainerStatsResponse* response) override;
  grpc::Status StreamContainerStats(
      grpc::ServerContext* context, const cri::StreamContainerStatsRequest* request,
      grpc::ServerWriter<cri::StreamContainerStatsResponse>* writer) override;
  grpc::Status PodSandboxStats(grpc::ServerContext* context,
                               const cri::PodSandboxStatsRequest* request,
                               cri::PodSandboxStatsResponse* response) override;
  grpc::Status ListPodSandboxStats(grpc::ServerContext* context,
                                   const cri::ListPodSandboxStatsRequest* request,
                                   cri::ListPodSandboxStatsResponse* response) override;
  grpc::Status StreamPodSandboxStats(
      grpc::ServerContext* context, const cri::StreamPodSandboxStatsRequest* request,
      grpc::ServerWriter<cri::StreamPodSandboxStatsResponse>* writer) override;
  grpc::Status UpdateRuntimeConfig(grpc::ServerContext* context,
                                   const cri::UpdateRuntimeConfigRequest* request,
                                   cri::UpdateRuntimeConfigResponse* response) override;
  grpc::Status Status(grpc::ServerContext* context, const cri::StatusRequest* request,
                      cri::StatusResponse* response) override;
  grpc::Status CheckpointContainer(grpc::ServerContext* context,
                                   const cri::CheckpointContainerRequest* request,
                                   cri::CheckpointContainerResponse* response) override;
  grpc::Status CheckpointPod(grpc::ServerContext* context, const cri::CheckpointPodRequest* request,
                             cri::CheckpointPodResponse* response) override;
  grpc::Status RestorePod(grpc::ServerContext* context, const cri::RestorePodRequest* request,
                          cri::RestorePodResponse* response) override;
  grpc::Status GetContainerEvents(grpc::ServerContext* context,
                                  const cri::GetEventsRequest* request,
                                  grpc::ServerWriter<cri::ContainerEventResponse>* writer) override;
  grpc::Status ListMetricDescriptors(grpc::ServerContext* context,
                                     const cri::ListMetricDescriptorsRequest* request,
                                     cri::ListMetricDescriptorsResponse* response) override;
  grpc::Status ListPodSandboxMetrics(grpc::ServerContext* context,
                                     const cri::ListPodSandboxMetricsRequest* request,
                                     cri::ListPodSandboxMetricsResponse* response) override;
  grpc::Status StreamPodSandboxMetrics(
      grpc::ServerContext* context, const cri::StreamPodSandboxMetricsRequest* request,
      grpc::ServerWriter<cri::StreamPodSandboxMetricsResponse>* writer) override;
  grpc::Status RuntimeConfig(grpc::ServerContext* context, const cri::RuntimeConfigRequest* request,
                             cri::RuntimeConfigResponse* response) override;
  grpc::Status UpdatePodSandboxResources(grpc::ServerContext* context,
                                         const cri::UpdatePodSandboxResourcesRequest* request,
                                         cri::UpdatePodSandboxResourcesResponse* response) override;

 private:
  Node& node_;
};

}  // namespace onggi
