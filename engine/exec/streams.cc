// Streams of containers and execs: start, wait, attach, resize, and the pod's ports.
#include "engine/engine_impl.h"
#include "network/netns.h"

namespace onggi {

Result<EngineImpl::ExecSession> EngineImpl::StartExec(const ExecOptions& options, int stdin_fd,
                                                      int stdout_fd, int stderr_fd) {
  auto session = StartExecOn(options.container_id, options, {stdin_fd, stdout_fd, stderr_fd});
  return std::move(session).Wrap("exec in container " + options.container_id);
}

Result<int> EngineImpl::WaitExec(const ExecSession& session, const CancelToken& cancel) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(session.container_id));
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOf(*container));
  return monitor->WaitExec(session.handle.exec_id, std::nullopt, cancel);
}

Result<> EngineImpl::ResizeExec(const ExecSession& session, uint16_t width, uint16_t height) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(session.container_id));
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOf(*container));
  return monitor->Resize(session.handle.exec_id, width, height);
}

Result<AttachHandle> EngineImpl::Attach(const std::string& id) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  // A created one too: `onggi run` attaches before it starts.
  if (container->Status()->state == ContainerState::kExited) {
    return FailedPrecondition("container " + container->id() + " has ended");
  }
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOf(*container));
  return monitor->Attach(container->id());
}

Result<> EngineImpl::ResizeContainer(const std::string& id, uint16_t width, uint16_t height) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(id));
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOf(*container));
  return monitor->Resize(container->id(), width, height);
}

Result<UniqueFd> EngineImpl::DialPod(const std::string& pod_id, uint16_t port) {
  TRY_ASSIGN(std::shared_ptr<Pod> pod, registry_.FindPod(pod_id));
  std::shared_ptr<const PodStatus> status = pod->Status();
  std::string what = "connect to port " + std::to_string(port) + " of pod sandbox " + pod->id();
  if (status->state != PodState::kReady) return FailedPrecondition(what + ": it is not ready");
  bool host = status->config.namespaces.network == NamespaceMode::kNode;
  return DialInNetns(host ? "/proc/self/ns/net" : status->netns_path, port).Wrap(what);
}

}  // namespace onggi
