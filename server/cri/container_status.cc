#include "base/json.h"
#include "server/cri/convert_container.h"
#include "server/cri/runtime_service.h"

namespace onggi {
namespace {

std::string Info(Engine& engine, const onggi::ContainerStatus& container) {
  Json info;
  info["sandboxID"] = container.pod_id;
  info["pid"] = container.pid;
  info["cgroup"] = container.cgroup_path;
  info["snapshotKey"] = container.snapshot_key;
  auto text = engine.ContainerSpecJson(container.id);
  // A container that was removed meanwhile has no specification any more.
  auto spec = text ? ParseJson(*text) : Result<Json>(Json());
  if (spec) info["runtimeSpec"] = std::move(*spec);
  return DumpJson(info);
}

}  // namespace

grpc::Status CriRuntimeService::ContainerStatus(grpc::ServerContext* context,
                                                const cri::ContainerStatusRequest* request,
                                                cri::ContainerStatusResponse* response) {
  return Serve({node_, context, "ContainerStatus", request->container_id(), RpcKind::kRead},
               [&]() -> Result<> {
                 TRY_ASSIGN(onggi::ContainerStatus container,
                            node_.engine.GetContainer(request->container_id()));
                 ContainerStatusToCri(container, response->mutable_status());
                 if (request->verbose()) {
                   (*response->mutable_info())["info"] = Info(node_.engine, container);
                 }
                 return Ok();
               });
}

}  // namespace onggi
