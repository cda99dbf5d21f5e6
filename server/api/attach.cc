#include "server/api/container_service.h"
#include "server/api/find_container.h"
#include "server/api/stream_pump.h"
#include "server/rpc.h"

namespace onggi {
namespace {

Result<> Run(Node& node, grpc::ServerContext* context, ContainerApi::Stream& stream,
             const v1::AttachStart& start, const CancelToken& cancel) {
  TRY_ASSIGN(ContainerStatus container, FindContainer(node.engine, start.container()));
  TRY_ASSIGN(AttachHandle handle, node.engine.Attach(container.id));
  StreamFds fds;
  if (start.stdin()) fds.in = std::move(handle.stdin_fd);
  fds.out = std::move(handle.stdout_fd);
  fds.err = std::move(handle.stderr_fd);
  if (handle.terminal && start.width() > 0) {
    // A terminal of the wrong size is a nuisance, not a failure.
    (void)node.engine.ResizeContainer(container.id, static_cast<uint16_t>(start.width()),
                                      static_cast<uint16_t>(start.height()));
  }
  StreamPump pump(stream, std::move(fds));
  v1::Output hello;
  hello.set_started(true);
  (void)pump.Send(hello);  // a client that is gone is seen by cancel
  std::atomic<bool> ended{false};
  pump.StartInput(
      {.on_resize =
           [&](uint16_t width, uint16_t height) {
             (void)node.engine.ResizeContainer(container.id, width, height);  // likewise
           },
       .on_signal = [&](int signal) { (void)node.engine.KillContainer(container.id, signal); },
       .on_gone = {}});
  std::thread output([&] { pump.SendOutput(ended); });
  auto code = node.engine.WaitContainer(container.id, cancel);
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

grpc::Status ContainerApi::Attach(grpc::ServerContext* context, Stream* stream) {
  v1::Input first;
  bool given = stream->Read(&first) && first.has_attach();
  return Serve({node_, context, "Attach", first.attach().container()},
               [&](const CancelToken& cancel) -> Result<> {
                 if (!given)
                   return InvalidArgument("the first message of Attach names the container");
                 return Run(node_, context, *stream, first.attach(), cancel);
               });
}

}  // namespace onggi
