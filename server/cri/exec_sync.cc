#include "server/cri/exec_output.h"
#include "server/cri/runtime_service.h"

namespace onggi {

grpc::Status CriRuntimeService::ExecSync(grpc::ServerContext* context,
                                         const cri::ExecSyncRequest* request,
                                         cri::ExecSyncResponse* response) {
  // Probes come every second for ever: their successes are not worth a line each.
  return Serve({node_, context, "ExecSync", request->container_id(), RpcKind::kRead},
               [&](const CancelToken& cancel) -> Result<> {
                 TRY_ASSIGN(auto timeout, TimeoutOf(request->timeout()));
                 ExecOptions options;
                 options.container_id = request->container_id();
                 options.command = StringsFromCri(request->cmd());
                 if (options.command.empty()) return InvalidArgument("cmd: expected a command");
                 TRY_ASSIGN(ExecOutput output, node_.engine.ExecSync(options, timeout, cancel));
                 CutToMessage(output);
                 response->set_stdout(std::move(output.out));
                 response->set_stderr(std::move(output.err));
                 response->set_exit_code(output.exit_code);
                 return Ok();
               });
}

}  // namespace onggi
