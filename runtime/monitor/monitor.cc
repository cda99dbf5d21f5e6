#include "runtime/monitor/monitor.h"

#include <limits>

namespace onggi {
namespace {

// How often a monitor without a daemon looks whether it still has a place.
constexpr auto kOwnerInterval = std::chrono::seconds(30);
constexpr auto kShutdownPatience = std::chrono::seconds(10);

}  // namespace

Monitor::Monitor(Parts parts)
    : parts_(std::move(parts)),
      connections_(parts_.loop,
                   {.request = [this](Request request) { Dispatch(std::move(request)); },
                    .closed = [this](uint64_t number) { ConnectionClosed(number); }}),
      containers_({parts_.loop, parts_.buffers, parts_.state, parts_.namespaces->user_fd()},
                  parts_.namespaces, parts_.seccomp_cache,
                  [this](const ContainerExit& exit) {
                    connections_.Broadcast({.op = "exit", .body = EncodeExit(exit)});
                  }),
      execs_(parts_.loop, &containers_),
      reaper_(parts_.loop, {.ended =
                                [this](pid_t pid) {
                                  if (!execs_.Ended(pid)) (void)containers_.Ended(pid);
                                },
                            .reaped =
                                [this](pid_t pid, int status) {
                                  if (execs_.Reaped(pid, status)) return;
                                  // Neither: an orphan that was left to us.
                                  (void)containers_.Reaped(pid, status);
                                  if (shutdown_) ContinueShutdown();
                                }}) {}

Result<> Monitor::Start(UniqueFd listener, UniqueFd first, uint64_t setup_id) {
  TRY(reaper_.Start());
  TRY(connections_.Listen(std::move(listener)));
  TRY_ASSIGN(uint64_t number, connections_.Adopt(std::move(first)));
  connections_.Subscribe(number);
  Responder(&connections_, number, setup_id).Answer(Identity());
  return Ok();
}

Json Monitor::Identity() const {
  MonitorIdentity identity = parts_.identity;
  identity.containers = containers_.List();
  return EncodeIdentity(identity);
}

void Monitor::Dispatch(Request request) {
  const std::string& op = request.message.op;
  struct Row {
    std::string_view op;
    bool makes_process;
    void (*run)(Monitor&, Request&);
  };
  static constexpr Row kRows[] = {
      {"exec", true, [](Monitor& m, Request& r) { m.execs_.Exec(r); }},
      {"exec_wait", false, [](Monitor& m, Request& r) { m.execs_.Wait(r); }},
      {"exec_kill", false, [](Monitor& m, Request& r) { m.execs_.Kill(r); }},
      {"exec_signal", false, [](Monitor& m, Request& r) { m.execs_.Signal(r); }},
      {"create", true, [](Monitor& m, Request& r) { m.containers_.Create(r); }},
      {"start", true, [](Monitor& m, Request& r) { m.containers_.Start(r); }},
      {"signal", false, [](Monitor& m, Request& r) { m.containers_.Signal(r); }},
      {"delete", false, [](Monitor& m, Request& r) { m.containers_.Delete(r); }},
      {"attach", false, [](Monitor& m, Request& r) { m.containers_.Attach(r); }},
      {"reopen_log", false, [](Monitor& m, Request& r) { m.containers_.ReopenLog(r); }},
      {"close_stdin", false, [](Monitor& m, Request& r) { m.containers_.CloseStdin(r); }},
      {"resize", false, [](Monitor& m, Request& r) { m.Resize(r); }},
      {"hello", false, [](Monitor& m, Request& r) { m.Hello(r); }},
      {"list", false, [](Monitor& m, Request& r) { r.responder.Answer(m.Identity()); }},
      {"shutdown", false, [](Monitor& m, Request& r) { m.Shutdown(r); }},
  };
  for (const Row& row : kRows) {
    if (row.op != op) continue;
    if (row.makes_process && fault_) return request.responder.Fail(*fault_);
    if (row.makes_process && shutdown_) {
      return request.responder.Fail(FailedPrecondition("the pod is being shut down"));
    }
    return row.run(*this, request);
  }
  request.responder.Fail(Unimplemented("the monitor knows no operation " + op.substr(0, 40)));
}

void Monitor::Hello(const Request& request) {
  auto version = CheckVersion(request.message.body);
  if (!version) return request.responder.Fail(version.error());
  connections_.Subscribe(request.responder.connection());
  request.responder.Answer(Identity());
}

void Monitor::Resize(const Request& request) {
  auto resize = [&]() -> Result<> {
    const Json& body = request.message.body;
    TRY_ASSIGN(std::string target, JsonString(body, "target"));
    TRY_ASSIGN(uint64_t width, JsonUint(body, "width"));
    TRY_ASSIGN(uint64_t height, JsonUint(body, "height"));
    if (width > std::numeric_limits<uint16_t>::max() ||
        height > std::numeric_limits<uint16_t>::max()) {
      return InvalidArgument("a terminal has at most 65535 rows and columns");
    }
    auto columns = static_cast<uint16_t>(width);
    auto rows = static_cast<uint16_t>(height);
    Result<> result = Ok();
    if (execs_.Resize(target, columns, rows, result)) return result;
    TRY_ASSIGN(Container * container, containers_.Find(target));
    return container->Resize(columns, rows);
  };
  request.responder.Finish(resize());
}

void Monitor::Shutdown(const Request& request) {
  if (shutdown_) return request.responder.Fail(FailedPrecondition("is being shut down already"));
  shutdown_ = request.responder;
  execs_.KillAll();
  containers_.KillAll();
  parts_.loop->After(kShutdownPatience, [this] {
    if (!shutdown_) return;
    shutdown_->Fail(DeadlineExceeded("a container does not end"));
    shutdown_.reset();
  });
  ContinueShutdown();
}

void Monitor::ContinueShutdown() {
  if (!containers_.AllEnded()) return;  // the next end brings us here again
  parts_.namespaces->Release();
  parts_.state->Remove("monitor.sock");
  shutdown_->Answer(Json::object());
  parts_.loop->Stop();
}

void Monitor::ConnectionClosed(uint64_t connection) {
  execs_.ConnectionClosed(connection);
  LookForOwner();
}

// Without a daemon, a container and a directory nobody will ever ask for us again.
void Monitor::LookForOwner() {
  if (!connections_.empty()) return;
  if (containers_.AllEnded() && !parts_.state->Exists()) {
    parts_.namespaces->Release();
    parts_.loop->Stop();
    return;
  }
  parts_.loop->After(kOwnerInterval, [this] { LookForOwner(); });
}

}  // namespace onggi
