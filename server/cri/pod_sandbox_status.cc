#include "base/json.h"
#include "server/cri/convert_container.h"
#include "server/cri/convert_pod.h"
#include "server/cri/runtime_service.h"

namespace onggi {
namespace {

std::string Info(const onggi::PodStatus& pod) {
  Json info;
  info["pid"] = pod.monitor_pid;
  info["netns"] = pod.netns_path;
  info["cgroup"] = pod.cgroup_path;
  info["runtimeHandler"] = pod.config.runtime_handler;
  auto network = ParseJson(pod.network_result);
  if (network) info["cniResult"] = std::move(*network);
  return DumpJson(info);
}

}  // namespace

grpc::Status CriRuntimeService::PodSandboxStatus(grpc::ServerContext* context,
                                                 const cri::PodSandboxStatusRequest* request,
                                                 cri::PodSandboxStatusResponse* response) {
  return Serve({node_, context, "PodSandboxStatus", request->pod_sandbox_id(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(onggi::PodStatus pod, node_.engine.GetPod(request->pod_sandbox_id()));
                 ContainerFilter filter;
                 filter.pod_id = pod.id;
                 for (const auto& container : node_.engine.ListContainersShared(filter)) {
                   ContainerStatusToCri(*container, response->add_containers_statuses());
                 }
                 response->set_timestamp(WallNanos());
                 PodStatusToCri(pod, response->mutable_status());
                 if (request->verbose()) (*response->mutable_info())["info"] = Info(pod);
                 return Ok();
               });
}

}  // namespace onggi
