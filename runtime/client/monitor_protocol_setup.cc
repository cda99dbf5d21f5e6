// The two large requests of the protocol: the set-up of a pod and the creation of a container.
#include <limits>

#include "runtime/client/monitor_protocol.h"

namespace onggi {
namespace {

Json EncodeMappings(const std::vector<spec::IdMapping>& mappings) {
  Json out = Json::array();
  for (const auto& mapping : mappings) {
    out.push_back({mapping.container_id, mapping.host_id, mapping.size});
  }
  return out;
}

Result<std::vector<spec::IdMapping>> DecodeMappings(const Json& body, std::string_view key) {
  TRY_ASSIGN(Json rows, JsonArray(body, key));
  std::vector<spec::IdMapping> out;
  for (const Json& row : rows) {
    uint32_t values[3];
    if (!row.is_array() || row.size() != 3) {
      return InvalidArgument(std::string(key) + ": expected three numbers a row");
    }
    for (size_t i = 0; i < 3; ++i) {
      if (!row[i].is_number_unsigned() ||
          row[i].get<uint64_t>() > std::numeric_limits<uint32_t>::max()) {
        return InvalidArgument(std::string(key) + ": expected ids of 32 bits");
      }
      values[i] = row[i].get<uint32_t>();
    }
    out.push_back({values[0], values[1], values[2]});
  }
  return out;
}

}  // namespace

Json EncodeSetup(const MonitorOptions& options) {
  return Json{{"protocol", kMonitorProtocol},
              {"directory", options.directory},
              {"network", options.network},
              {"ipc", options.ipc},
              {"uts", options.uts},
              {"shared_pid", options.shared_pid},
              {"uid_mappings", EncodeMappings(options.uid_mappings)},
              {"gid_mappings", EncodeMappings(options.gid_mappings)},
              {"hostname", options.hostname},
              {"sysctls", options.sysctls},
              {"pin_directory", options.pin_directory},
              {"cgroup", options.cgroup},
              {"seccomp_cache", options.seccomp_cache}};
}

Result<MonitorOptions> DecodeSetup(const Json& body) {
  TRY(CheckVersion(body));
  MonitorOptions options;
  TRY_ASSIGN(options.directory, JsonString(body, "directory"));
  TRY_ASSIGN(options.network, JsonBool(body, "network"));
  TRY_ASSIGN(options.ipc, JsonBool(body, "ipc"));
  TRY_ASSIGN(options.uts, JsonBool(body, "uts"));
  TRY_ASSIGN(options.shared_pid, JsonBool(body, "shared_pid"));
  TRY_ASSIGN(options.uid_mappings, DecodeMappings(body, "uid_mappings"));
  TRY_ASSIGN(options.gid_mappings, DecodeMappings(body, "gid_mappings"));
  TRY_ASSIGN(options.hostname, JsonString(body, "hostname"));
  TRY_ASSIGN(options.sysctls, JsonStringMap(body, "sysctls"));
  TRY_ASSIGN(options.pin_directory, JsonString(body, "pin_directory"));
  TRY_ASSIGN(options.cgroup, JsonString(body, "cgroup"));
  TRY_ASSIGN(options.seccomp_cache, JsonString(body, "seccomp_cache"));
  if (options.directory.empty() || options.directory[0] != '/') {
    return InvalidArgument("directory: expected an absolute path");
  }
  if (options.uid_mappings.empty() != options.gid_mappings.empty()) {
    return InvalidArgument("a user namespace needs uid and gid mappings");
  }
  return options;
}

MonitorMessage EncodeCreate(const ContainerCreate& request) {
  MonitorMessage message;
  message.op = "create";
  message.body = Json{{"container", request.id},
                      {"log_path", request.log_path},
                      {"max_log_line", request.max_log_line},
                      {"stdin_open", request.stdin_open},
                      {"stdin_once", request.stdin_once},
                      {"cgroup_dirs", request.cgroup_dirs},
                      {"pid_target", request.pid_target},
                      {"host_pid", request.host_pid}};
  message.payload = spec::FormatSpec(request.spec);
  return message;
}

Result<ContainerCreate> DecodeCreate(const MonitorMessage& message) {
  const Json& body = message.body;
  ContainerCreate request;
  TRY_ASSIGN(request.id, JsonString(body, "container"));
  TRY(CheckId(request.id));
  TRY_ASSIGN(request.log_path, JsonString(body, "log_path"));
  TRY_ASSIGN(uint64_t max_log_line, JsonUint(body, "max_log_line", request.max_log_line));
  if (max_log_line == 0) return InvalidArgument("max_log_line: must be above 0");
  request.max_log_line = std::min<uint64_t>(max_log_line, kMaxLogLine);
  TRY_ASSIGN(request.stdin_open, JsonBool(body, "stdin_open"));
  TRY_ASSIGN(request.stdin_once, JsonBool(body, "stdin_once"));
  TRY_ASSIGN(request.cgroup_dirs, JsonStrings(body, "cgroup_dirs"));
  TRY_ASSIGN(request.pid_target, JsonString(body, "pid_target"));
  TRY_ASSIGN(request.host_pid, JsonBool(body, "host_pid"));
  TRY_ASSIGN(request.spec, spec::ParseSpec(message.payload));
  if (!request.spec.process) return InvalidArgument("the spec has no process");
  return request;
}

}  // namespace onggi
