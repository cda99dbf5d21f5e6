#include "base/json.h"
#include "config/print.h"
#include "server/cri/runtime_service.h"
#include "server/kernel_features.h"

namespace onggi {
namespace {

void AddCondition(const char* type, const char* reason, const Result<>& ready,
                  cri::RuntimeStatus* status) {
  cri::RuntimeCondition* condition = status->add_conditions();
  condition->set_type(type);
  condition->set_status(ready.has_value());
  if (ready) return;
  condition->set_reason(reason);
  condition->set_message(ready.error().message());
}

void AddHandlers(const Engine& engine, cri::StatusResponse* response) {
  for (const RuntimeHandler& handler : engine.handlers()) {
    cri::RuntimeHandler* out = response->add_runtime_handlers();
    out->set_name(handler.name);
    // Of foreign runtimes we promise nothing: pods that need a feature go to our own.
    bool is_ours = handler.path.empty();
    out->mutable_features()->set_recursive_read_only_mounts(is_ours && HasMountSetattr());
  }
}

std::string NetworkInfo(Network& network) {
  Json info;
  auto conflist = ParseJson(network.Describe());
  if (conflist) info["conflist"] = std::move(*conflist);
  auto status = network.Status();
  info["status"] = status ? "OK" : status.error().message();
  return DumpJson(info);
}

std::string NodeInfo(const Node& node) {
  Json info;
  info["version"] = ONGGI_VERSION;
  info["snapshotter"] = std::string(node.snapshotter.name());
  info["cgroupDriver"] = node.engine.uses_systemd_cgroups() ? "systemd" : "cgroupfs";
  info["cgroupVersion"] = CgroupVersion();
  info["kernel"] = KernelRelease();
  info["pods"] = node.engine.ListPodsShared({}).size();
  info["containers"] = node.engine.ListContainersShared({}).size();
  return DumpJson(info);
}

}  // namespace

grpc::Status CriRuntimeService::Status(grpc::ServerContext* context,
                                       const cri::StatusRequest* request,
                                       cri::StatusResponse* response) {
  return Serve({node_, context, "Status", "", RpcKind::kRead}, [&]() -> Result<> {
    cri::RuntimeStatus* status = response->mutable_status();
    AddCondition("RuntimeReady", "RuntimeNotReady", node_.engine.RuntimeReady(), status);
    AddCondition("NetworkReady", "NetworkPluginNotReady", node_.engine.NetworkReady(), status);
    AddHandlers(node_.engine, response);
    response->mutable_features()->set_supplemental_groups_policy(true);
    if (!request->verbose()) return Ok();
    auto& info = *response->mutable_info();
    info["config"] = ConfigJson(node_.config);
    info["network"] = NetworkInfo(node_.network);
    info["node"] = NodeInfo(node_);
    return Ok();
  });
}

}  // namespace onggi
