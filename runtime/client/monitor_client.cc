#include "runtime/client/monitor_client.h"

#include "base/id.h"
#include "runtime/client/exec_output.h"
#include "runtime/client/monitor_client_impl.h"

namespace onggi {
namespace {

// What the client allows over what the monitor was asked to keep.
constexpr std::chrono::milliseconds kSlack{15'000};

MonitorMessage About(const char* op, const std::string& container) {
  return {.op = op, .body = Json{{"container", container}}};
}

std::optional<std::chrono::milliseconds> WithSlack(
    std::optional<std::chrono::milliseconds> timeout) {
  if (!timeout) return std::nullopt;
  return *timeout + kSlack;
}

// At least 1: 0 means none on the wire.
int64_t OnWire(std::optional<std::chrono::milliseconds> timeout) {
  return timeout ? std::max<int64_t>(1, timeout->count()) : 0;
}

}  // namespace

MonitorClientImpl::~MonitorClientImpl() {
  connection_->Close();
}

std::string MonitorClientImpl::NamespacePath(const std::string& type) const {
  auto found = identity_.namespaces.find(type == "net" ? "network" : type);
  return found == identity_.namespaces.end() ? std::string() : found->second;
}

Result<> MonitorClientImpl::Plain(MonitorMessage request) {
  TRY(connection_->Ask(std::move(request)));
  return Ok();
}

Result<pid_t> MonitorClientImpl::Create(const ContainerCreate& request) {
  TRY_ASSIGN(auto answer, connection_->Ask(EncodeCreate(request)));
  TRY_ASSIGN(int64_t pid, JsonInt(answer.message.body, "pid"));
  return static_cast<pid_t>(pid);
}

Result<> MonitorClientImpl::Start(const std::string& id) {
  return Plain(About("start", id));
}

Result<> MonitorClientImpl::Signal(const std::string& id, int signal) {
  MonitorMessage request = About("signal", id);
  request.body["signal"] = signal;
  return Plain(std::move(request));
}

Result<> MonitorClientImpl::Delete(const std::string& id) {
  return Plain(About("delete", id));
}

Result<std::vector<MonitoredContainer>> MonitorClientImpl::List() {
  TRY_ASSIGN(auto answer, connection_->Ask({.op = "list"}));
  TRY_ASSIGN(MonitorIdentity identity, DecodeIdentity(answer.message.body));
  return std::move(identity.containers);
}

Result<ExecHandle> MonitorClientImpl::Exec(const ExecRequest& request) {
  ExecStart exec{
      .exec_id = RandomHex(8), .container_id = request.container_id, .process = request.process};
  std::vector<int> fds;
  int wanted[3] = {request.stdin_fd, request.stdout_fd, request.stderr_fd};
  for (int i = 0; i < 3; ++i) {
    if (wanted[i] < 0 || request.process.terminal) continue;
    exec.has_fd[i] = true;
    fds.push_back(wanted[i]);
  }
  TRY_ASSIGN(auto answer, connection_->Ask(EncodeExec(exec), fds));
  ExecHandle handle;
  handle.exec_id = exec.exec_id;
  TRY_ASSIGN(int64_t pid, JsonInt(answer.message.body, "pid"));
  handle.pid = static_cast<pid_t>(pid);
  if (!answer.fds.empty()) handle.terminal = std::move(answer.fds[0]);
  return handle;
}

Result<int> MonitorClientImpl::WaitExec(const std::string& exec_id,
                                        std::optional<std::chrono::milliseconds> timeout,
                                        const CancelToken& cancel) {
  MonitorMessage request{.op = "exec_wait",
                         .body = Json{{"exec", exec_id}, {"timeout_ms", OnWire(timeout)}}};
  TRY_ASSIGN(uint64_t number, connection_->Send(std::move(request), {}));
  auto registration = cancel.OnCancel([connection = connection_, exec_id] {
    connection->Tell({.op = "exec_kill", .body = Json{{"exec", exec_id}}});
  });
  TRY_ASSIGN(auto answer, connection_->Await(number, WithSlack(timeout)));
  TRY_ASSIGN(int64_t code, JsonInt(answer.message.body, "exit_code"));
  return static_cast<int>(code);
}

Result<ExecSyncResult> MonitorClientImpl::ExecSync(const ExecSyncRequest& request,
                                                   const CancelToken& cancel) {
  TRY(cancel.Check());
  ExecStart exec{.exec_id = RandomHex(8),
                 .container_id = request.container_id,
                 .process = request.process,
                 .has_fd = {false, true, true},
                 .wait = true,
                 .timeout_ms = OnWire(request.timeout)};
  TRY_ASSIGN(Pipe out, MakePipe());
  TRY_ASSIGN(Pipe err, MakePipe());
  TRY_ASSIGN(Pipe done, MakePipe());
  int fds[] = {out.write.get(), err.write.get(), done.write.get()};
  TRY_ASSIGN(uint64_t number, connection_->Send(EncodeExec(exec), fds));
  for (Pipe* pipe : {&out, &err, &done}) pipe->write.reset();
  auto registration = cancel.OnCancel([connection = connection_, id = exec.exec_id] {
    connection->Tell({.op = "exec_kill", .body = Json{{"exec", id}}});
  });
  OutputCollector output(request.output_limit);
  auto bytes = output.Collect({std::move(out.read), std::move(err.read), std::move(done.read)},
                              WithSlack(request.timeout));
  if (!bytes || bytes->empty()) {
    // Refused before the pipe was looked at, or the monitor has gone: the connection knows.
    auto refused = connection_->Await(number, std::chrono::seconds(1));
    if (!bytes) return std::move(bytes).error();
    if (!refused) return std::move(refused).error();
    return Internal("the pod's monitor dropped the command");
  }
  connection_->Forget(number);
  TRY_ASSIGN(MonitorMessage answer, DecodeMonitorMessage(*bytes));
  TRY(AnswerStatus(answer));
  TRY_ASSIGN(int64_t code, JsonInt(answer.body, "exit_code"));
  return ExecSyncResult{static_cast<int>(code), std::move(output.out), std::move(output.err)};
}

Result<> MonitorClientImpl::SignalExec(const std::string& exec_id, int signal) {
  return Plain({.op = "exec_signal", .body = Json{{"exec", exec_id}, {"signal", signal}}});
}

Result<AttachHandle> MonitorClientImpl::Attach(const std::string& id) {
  TRY_ASSIGN(auto answer, connection_->Ask(About("attach", id)));
  AttachHandle handle;
  const Json& body = answer.message.body;
  size_t next = 0;
  struct Row {
    const char* name;
    UniqueFd* fd;
  };
  for (const Row& row : {Row{"stdin", &handle.stdin_fd}, Row{"stdout", &handle.stdout_fd},
                         Row{"stderr", &handle.stderr_fd}}) {
    TRY_ASSIGN(bool sent, JsonBool(body, row.name));
    if (!sent) continue;
    if (next == answer.fds.size()) return Internal("the pod's monitor sent too few descriptors");
    *row.fd = std::move(answer.fds[next++]);
  }
  TRY_ASSIGN(handle.terminal, JsonBool(body, "terminal"));
  return handle;
}

Result<> MonitorClientImpl::Resize(const std::string& target, uint16_t width, uint16_t height) {
  return Plain(
      {.op = "resize", .body = Json{{"target", target}, {"width", width}, {"height", height}}});
}

Result<> MonitorClientImpl::ReopenLog(const std::string& id) {
  return Plain(About("reopen_log", id));
}

Result<> MonitorClientImpl::CloseStdin(const std::string& id) {
  return Plain(About("close_stdin", id));
}

Result<> MonitorClientImpl::Shutdown() {
  connection_->ExpectEnd();
  auto done = Plain({.op = "shutdown"});
  // Gone already is what was asked for.
  if (!done && done.error().code() == Code::kUnavailable) return Ok();
  return done;
}

}  // namespace onggi
