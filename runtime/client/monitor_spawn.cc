// How a daemon comes to a monitor: by starting one, or by finding one again.
#include <fcntl.h>
#include <sys/socket.h>

#include "base/child_process.h"
#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/unix_socket.h"
#include "runtime/client/monitor_client_impl.h"
#include "runtime/client/read_only_program.h"

namespace onggi {
namespace {

constexpr std::chrono::milliseconds kSetupPatience{60'000};

Result<std::unique_ptr<MonitorClient>> Greet(std::shared_ptr<MonitorConnection> connection,
                                             MonitorMessage first,
                                             std::chrono::milliseconds patience) {
  TRY_ASSIGN(auto answer, connection->Ask(std::move(first), {}, patience));
  TRY_ASSIGN(MonitorIdentity identity, DecodeIdentity(answer.message.body));
  return std::unique_ptr<MonitorClient>(
      std::make_unique<MonitorClientImpl>(std::move(connection), std::move(identity)));
}

}  // namespace

Result<std::unique_ptr<MonitorClient>> MonitorClient::Spawn(const MonitorOptions& options) {
  TRY_ASSIGN(auto program, ReadOnlyProgram::Open(options.binary));
  TRY_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  // The fds are numbered from 3 in the child; there it closes what it was started from.
  ChildOptions child_options{.argv = {"/proc/self/fd/4", "monitor"},
                             .pass_fds = {pair.second.get(), program->fd()},
                             .new_session = true};
  TRY_ASSIGN(ChildProcess child,
             ChildProcess::Spawn(child_options).Wrap("start " + options.binary));
  pair.second.reset();
  TRY_ASSIGN(auto connection, MonitorConnection::Make(std::move(pair.first)));
  MonitorMessage setup{.op = "setup", .body = EncodeSetup(options)};
  auto client = Greet(std::move(connection), std::move(setup), kSetupPatience);
  if (!client) return std::move(client).error().Wrap("pod monitor");
  UniqueFd pidfd(fcntl(child.pidfd(), F_DUPFD_CLOEXEC, 3));
  if (!pidfd.valid()) return SysError("fcntl(F_DUPFD_CLOEXEC)");
  TRY_ASSIGN(auto hub, MonitorHub::Get());
  hub->ReapLater(std::move(pidfd));
  child.Detach();
  return client;
}

Result<std::unique_ptr<MonitorClient>> MonitorClient::Connect(const std::string& directory,
                                                              std::chrono::milliseconds timeout) {
  auto open = [&]() -> Result<UniqueFd> {
    TRY_ASSIGN(UniqueFd dir, Open(directory, O_PATH | O_DIRECTORY));
    // Through the descriptor: the path may be too long for a socket's name.
    return ConnectUnix(ProcFdPath(dir.get()) + "/monitor.sock");
  };
  auto socket = open();
  if (!socket) return std::move(socket).error().WithCode(Code::kUnavailable).Wrap("pod monitor");
  TRY_ASSIGN(auto connection, MonitorConnection::Make(std::move(*socket)));
  MonitorMessage hello{.op = "hello", .body = Json{{"protocol", kMonitorProtocol}}};
  auto client = Greet(std::move(connection), std::move(hello), timeout);
  if (client || client.error().code() != Code::kDeadlineExceeded) return client;
  return std::move(client).error().WithCode(Code::kUnavailable);
}

}  // namespace onggi
