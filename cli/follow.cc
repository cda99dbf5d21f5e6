#include "cli/follow.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/file_io.h"
#include "cli/output/print.h"

namespace onggi::cli {

Result<> FollowLogs(Client& client, const v1::LogsRequest& request) {
  grpc::ClientContext call;
  auto reader = client.containers().Logs(&call, request);
  v1::LogChunk chunk;
  while (reader->Read(&chunk)) {
    if (chunk.is_stderr()) {
      PrintError(chunk.data());
    } else {
      Print(chunk.data());
    }
  }
  return client.Check(reader->Finish());
}

namespace {

using ExecStream = grpc::ClientReaderWriter<v1::Input, v1::Output>;

// Sends our stdin until it ends or DONE is set.
void SendInput(ExecStream& stream, const std::atomic<bool>& done) {
  char buffer[32768];
  while (!done.load()) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, 100) <= 0) continue;
    ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
    v1::Input message;
    if (n <= 0) {
      message.set_eof(true);
    } else {
      message.set_data(buffer, static_cast<size_t>(n));
    }
    if (!stream.Write(message) || n <= 0) return;
  }
}

}  // namespace

Result<int> RunExec(Client& client, const v1::ExecStart& request) {
  grpc::ClientContext call;
  auto stream = client.containers().Exec(&call);
  v1::Input first;
  *first.mutable_exec() = request;
  if (!stream->Write(first)) {
    TRY(client.Check(stream->Finish()));
    return Unavailable("the daemon closed the stream");
  }
  std::atomic<bool> done{false};
  std::thread sender;
  if (request.stdin()) sender = std::thread([&] { SendInput(*stream, done); });
  int exit_code = 0;
  v1::Output output;
  while (stream->Read(&output)) {
    if (output.has_out()) Print(output.out());
    if (output.has_err()) PrintError(output.err());
    if (output.has_exit_code()) {
      exit_code = output.exit_code();
      break;
    }
  }
  done.store(true);
  if (sender.joinable()) sender.join();
  (void)stream->WritesDone();  // Finish tells what went wrong
  TRY(client.Check(stream->Finish()));
  return exit_code;
}

}  // namespace onggi::cli
