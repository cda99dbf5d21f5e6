// ExecSync: a command's whole output, bounded, and its exit code; one round trip to the monitor.
#include "engine/engine_impl.h"

namespace onggi {

Result<EngineImpl::ExecSession> EngineImpl::StartExecOn(const std::string& container_id,
                                                        const ExecOptions& options,
                                                        const int (&stdio)[3]) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(container_id));
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOfRunning(*container));
  ExecRequest request;
  request.container_id = container->id();
  TRY_ASSIGN(request.process, ExecProcess(*container, options));
  request.stdin_fd = stdio[0];
  request.stdout_fd = stdio[1];
  request.stderr_fd = stdio[2];
  TRY_ASSIGN(ExecHandle handle, monitor->Exec(request));
  return ExecSession{container->id(), std::move(handle)};
}

Result<ExecOutput> EngineImpl::ExecSync(const ExecOptions& options,
                                        std::optional<std::chrono::milliseconds> timeout,
                                        const CancelToken& cancel) {
  TRY_ASSIGN(std::shared_ptr<Container> container, registry_.FindContainer(options.container_id));
  TRY_ASSIGN(std::shared_ptr<MonitorClient> monitor, MonitorOfRunning(*container));
  ExecSyncRequest request;
  request.container_id = container->id();
  TRY_ASSIGN(request.process, ExecProcess(*container, options));
  request.process.terminal = false;
  request.timeout = timeout;
  auto result = monitor->ExecSync(request, cancel);
  if (!result) {
    return std::move(std::move(result).Wrap("exec in container " + container->id())).error();
  }
  return ExecOutput{std::move(result->out), std::move(result->err), result->exit_code};
}

}  // namespace onggi
