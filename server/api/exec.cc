#include <csignal>

#include "server/api/container_service.h"
#include "server/api/find_container.h"
#include "server/api/stream_pump.h"
#include "server/rpc.h"

namespace onggi {
namespace {

struct Pipes {
  Pipe in;
  Pipe out;
  Pipe err;
};

// The process's own ends go to the monitor; ours to the pump.
Result<Pipes> MakePipes() {
  Pipes pipes;
  TRY_ASSIGN(pipes.in, MakePipe());
  TRY_ASSIGN(pipes.out, MakePipe());
  TRY_ASSIGN(pipes.err, MakePipe());
  return pipes;
}

ExecOptions OptionsOf(const v1::ExecStart& start, const std::string& id) {
  ExecOptions options;
  options.container_id = id;
  options.command.assign(start.command().begin(), start.command().end());
  options.terminal = start.terminal();
  options.env.assign(start.env().begin(), start.env().end());
  options.user = start.user();
  options.working_dir = start.working_dir();
  options.privileged = start.privileged();
  return options;
}

struct Started {
  Engine::ExecSession session;
  StreamFds fds;
};

Result<Started> StartPiped(Engine& engine, const ExecOptions& options, bool with_stdin) {
  TRY_ASSIGN(Pipes pipes, MakePipes());
  int in = with_stdin ? pipes.in.read.get() : -1;
  TRY_ASSIGN(Engine::ExecSession session,
             engine.StartExec(options, in, pipes.out.write.get(), pipes.err.write.get()));
  Started started{std::move(session), {}};
  if (with_stdin) started.fds.in = std::move(pipes.in.write);
  started.fds.out = std::move(pipes.out.read);
  started.fds.err = std::move(pipes.err.read);
  return started;
}

Result<Started> StartTerminal(Engine& engine, const ExecOptions& options, bool with_stdin) {
  TRY_ASSIGN(Engine::ExecSession session, engine.StartExec(options, -1, -1, -1));
  Started started{std::move(session), {}};
  if (with_stdin) {
    TRY_ASSIGN(started.fds.in, started.session.handle.terminal.Duplicate());
  }
  started.fds.out = std::move(started.session.handle.terminal);
  return started;
}

Result<> Run(Node& node, grpc::ServerContext* context, ContainerApi::Stream& stream,
             const v1::ExecStart& start, const CancelToken& cancel) {
  TRY_ASSIGN(ContainerStatus container, FindContainer(node.engine, start.container()));
  ExecOptions options = OptionsOf(start, container.id);
  TRY_ASSIGN(Started started, start.terminal() ? StartTerminal(node.engine, options, start.stdin())
                                               : StartPiped(node.engine, options, start.stdin()));
  Engine::ExecSession& session = started.session;
  if (start.terminal() && start.width() > 0) {
    // A terminal of the wrong size is a nuisance, not a failure.
    (void)node.engine.ResizeExec(session, static_cast<uint16_t>(start.width()),
                                 static_cast<uint16_t>(start.height()));
  }
  StreamPump pump(stream, std::move(started.fds));
  v1::Output hello;
  hello.set_started(true);
  (void)pump.Send(hello);  // a client that is gone is seen by cancel
  std::atomic<bool> ended{false};
  pump.StartInput({.on_resize =
                       [&](uint16_t width, uint16_t height) {
                         (void)node.engine.ResizeExec(session, width, height);  // likewise
                       },
                   .on_signal = {},
                   .on_gone = {}});
  std::thread output([&] { pump.SendOutput(ended); });
  auto code = node.engine.WaitExec(session, cancel);
  ended.store(true);
  output.join();
  if (!code.has_value()) return std::move(code).error();
  v1::Output last;
  last.set_exit_code(*code);
  (void)pump.Send(last);  // likewise
  pump.AwaitClose(context);
  return Ok();
}

}  // namespace

grpc::Status ContainerApi::Exec(grpc::ServerContext* context, Stream* stream) {
  v1::Input first;
  bool given = stream->Read(&first) && first.has_exec();
  return Serve({node_, context, "Exec", first.exec().container()},
               [&](const CancelToken& cancel) -> Result<> {
                 if (!given) return InvalidArgument("the first message of Exec says what to run");
                 if (first.exec().command().empty()) return InvalidArgument("command: it is empty");
                 Result<> outcome = Run(node_, context, *stream, first.exec(), cancel);
                 return outcome;
               });
}

}  // namespace onggi
