#include "runtime/client/monitor_protocol.h"

#include <algorithm>
#include <limits>

namespace onggi {
namespace {

Result<int> JsonSmallInt(const Json& object, std::string_view key) {
  TRY_ASSIGN(int64_t value, JsonInt(object, key));
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return InvalidArgument(std::string(key) + ": number out of range");
  }
  return static_cast<int>(value);
}

}  // namespace

std::string EncodeMonitorMessage(const MonitorMessage& message) {
  Json header = message.body;
  if (message.id != 0) header["id"] = message.id;
  if (!message.op.empty()) header["op"] = message.op;
  std::string out = DumpJson(header);
  if (!message.payload.empty()) {
    out.push_back('\0');
    out += message.payload;
  }
  return out;
}

Result<MonitorMessage> DecodeMonitorMessage(std::string_view bytes) {
  size_t end = bytes.find('\0');
  TRY_ASSIGN(Json body, ParseJson(bytes.substr(0, end), {.bytes = kMaxMonitorHeader, .depth = 16}));
  if (!body.is_object()) return InvalidArgument("a message must be an object");
  MonitorMessage message;
  TRY_ASSIGN(message.id, JsonUint(body, "id"));
  TRY_ASSIGN(message.op, JsonString(body, "op"));
  if (end != std::string_view::npos) message.payload = bytes.substr(end + 1);
  message.body = std::move(body);
  return message;
}

std::string EncodeAnswer(uint64_t id, Json body) {
  body["id"] = id;
  return DumpJson(body);
}

std::string EncodeError(uint64_t id, const Error& error) {
  return EncodeAnswer(id, Json{{"error",
                                {{"code", static_cast<int>(error.code())},
                                 {"errno", error.sys_errno()},
                                 {"message", error.message()}}}});
}

Result<> AnswerStatus(const MonitorMessage& answer) {
  const Json& error = JsonMember(answer.body, "error");
  if (error.is_null()) return Ok();
  TRY_ASSIGN(int code, JsonSmallInt(error, "code"));
  TRY_ASSIGN(int number, JsonSmallInt(error, "errno"));
  TRY_ASSIGN(std::string message, JsonString(error, "message"));
  bool known = code >= static_cast<int>(Code::kCancelled) &&
               code <= static_cast<int>(Code::kUnauthenticated);
  return Error(known ? static_cast<Code>(code) : Code::kUnknown, std::move(message), number);
}

Result<> CheckVersion(const Json& body) {
  TRY_ASSIGN(int64_t version, JsonInt(body, "protocol"));
  if (version == kMonitorProtocol) return Ok();
  return InvalidArgument("monitor protocol " + std::to_string(version) + ", this side speaks " +
                         std::to_string(kMonitorProtocol));
}

Result<> CheckId(std::string_view id) {
  bool ok = !id.empty() && id.size() <= 128 && id[0] != '.' &&
            std::all_of(id.begin(), id.end(), [](unsigned char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '-' || c == '.';
            });
  if (!ok) return InvalidArgument("an id must be 1 to 128 of letters, digits, '_', '-' and '.'");
  return Ok();
}

MonitorMessage EncodeExec(const ExecStart& exec) {
  int mask = (exec.has_fd[0] ? 1 : 0) | (exec.has_fd[1] ? 2 : 0) | (exec.has_fd[2] ? 4 : 0);
  MonitorMessage message;
  message.op = "exec";
  message.body = Json{{"exec", exec.exec_id}, {"container", exec.container_id}, {"fds", mask}};
  if (exec.wait) message.body["wait"] = true;
  if (exec.timeout_ms != 0) message.body["timeout_ms"] = exec.timeout_ms;
  message.payload = spec::FormatProcess(exec.process);
  return message;
}

Result<ExecStart> DecodeExec(const MonitorMessage& message) {
  ExecStart exec;
  TRY_ASSIGN(exec.exec_id, JsonString(message.body, "exec"));
  TRY(CheckId(exec.exec_id));
  TRY_ASSIGN(exec.container_id, JsonString(message.body, "container"));
  TRY_ASSIGN(uint64_t mask, JsonUint(message.body, "fds"));
  if (mask > 7) return InvalidArgument("fds: only the first three bits have a meaning");
  for (int i = 0; i < 3; ++i) exec.has_fd[i] = (mask >> i & 1) != 0;
  TRY_ASSIGN(exec.wait, JsonBool(message.body, "wait"));
  TRY_ASSIGN(exec.timeout_ms, JsonInt(message.body, "timeout_ms"));
  if (exec.timeout_ms < 0) return InvalidArgument("timeout_ms: must not be negative");
  TRY_ASSIGN(exec.process, spec::ParseProcess(message.payload));
  if (exec.process.terminal && exec.wait) {
    return InvalidArgument("a command whose output is collected has no terminal");
  }
  return exec;
}

Json EncodeExit(const ContainerExit& exit) {
  return Json{{"container", exit.id},
              {"exit_code", exit.exit_code},
              {"signal", exit.signal},
              {"oom_killed", exit.oom_killed},
              {"finished_at_ns", exit.finished_at_ns}};
}

Result<ContainerExit> DecodeExit(const Json& json) {
  ContainerExit exit;
  TRY_ASSIGN(exit.id, JsonString(json, "container"));
  TRY(CheckId(exit.id));
  TRY_ASSIGN(exit.exit_code, JsonSmallInt(json, "exit_code"));
  TRY_ASSIGN(exit.signal, JsonSmallInt(json, "signal"));
  TRY_ASSIGN(exit.oom_killed, JsonBool(json, "oom_killed"));
  TRY_ASSIGN(exit.finished_at_ns, JsonInt(json, "finished_at_ns"));
  return exit;
}

Json EncodeContainer(const MonitoredContainer& container) {
  static constexpr const char* kStates[] = {"created", "running", "exited"};
  Json json{{"container", container.id},
            {"state", kStates[static_cast<int>(container.state)]},
            {"pid", container.pid},
            {"started_at_ns", container.started_at_ns}};
  if (container.log_dropped_bytes != 0) json["log_dropped_bytes"] = container.log_dropped_bytes;
  if (container.exit) json["exit"] = EncodeExit(*container.exit);
  return json;
}

Result<MonitoredContainer> DecodeContainer(const Json& json) {
  MonitoredContainer container;
  TRY_ASSIGN(container.id, JsonString(json, "container"));
  TRY(CheckId(container.id));
  TRY_ASSIGN(std::string state, JsonString(json, "state"));
  if (state == "created") {
    container.state = MonitoredContainer::State::kCreated;
  } else if (state == "running") {
    container.state = MonitoredContainer::State::kRunning;
  } else if (state == "exited") {
    container.state = MonitoredContainer::State::kExited;
  } else {
    return InvalidArgument("state: unknown value " + state);
  }
  TRY_ASSIGN(container.pid, JsonSmallInt(json, "pid"));
  TRY_ASSIGN(container.started_at_ns, JsonInt(json, "started_at_ns"));
  TRY_ASSIGN(container.log_dropped_bytes, JsonUint(json, "log_dropped_bytes"));
  const Json& exit = JsonMember(json, "exit");
  if (!exit.is_null()) {
    TRY_ASSIGN(container.exit, DecodeExit(exit));
  }
  return container;
}

Json EncodeIdentity(const MonitorIdentity& identity) {
  Json containers = Json::array();
  for (const auto& container : identity.containers) {
    containers.push_back(EncodeContainer(container));
  }
  return Json{{"protocol", kMonitorProtocol},
              {"pid", identity.pid},
              {"start_time", identity.start_time},
              {"namespaces", identity.namespaces},
              {"containers", std::move(containers)}};
}

Result<MonitorIdentity> DecodeIdentity(const Json& json) {
  TRY(CheckVersion(json));
  MonitorIdentity identity;
  TRY_ASSIGN(identity.pid, JsonSmallInt(json, "pid"));
  if (identity.pid <= 0) return InvalidArgument("pid: must be above 0");
  TRY_ASSIGN(identity.start_time, JsonUint(json, "start_time"));
  TRY_ASSIGN(identity.namespaces, JsonStringMap(json, "namespaces"));
  TRY_ASSIGN(Json containers, JsonArray(json, "containers"));
  for (const Json& entry : containers) {
    TRY_ASSIGN(MonitoredContainer container, DecodeContainer(entry));
    identity.containers.push_back(std::move(container));
  }
  return identity;
}

}  // namespace onggi
