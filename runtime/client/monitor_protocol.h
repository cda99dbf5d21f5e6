// What the daemon and a pod's monitor say to each other.
//
// A message is one frame: a JSON object, and where a payload follows, a NUL byte and the payload
// (the container's spec, the process of an exec). File descriptors travel with the frame.
//
//   request   {"id":7,"op":"start",...}
//   answer    {"id":7,...}  or  {"id":7,"error":{"code":5,"errno":0,"message":"..."}}
//   event     {"op":"exit",...}           from the monitor, id 0, never answered
//
// The first message of a connection is "hello" with the version (or "setup", from the one that
// spawned the monitor). A monitor speaks one version for its whole life, so a daemon that has moved
// on must keep speaking it; a peer of another version is refused with both numbers in the error.
// Unknown operations are answered with Unimplemented, unknown members are ignored. docs/MONITOR.md
// lists the operations.
//
// Thread-safety: pure functions on values. Every decoder takes bytes from outside: wrong types and
// sizes are InvalidArgument.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "runtime/client/monitor_client.h"
#include "runtime/spec/parse.h"

namespace onggi {

inline constexpr int kMonitorProtocol = 1;
inline constexpr size_t kMaxMonitorFrame = 8 << 20;
inline constexpr size_t kMaxMonitorHeader = 1 << 20;
// Longer lines are split before that: what a record may hold besides its time stamp.
inline constexpr size_t kMaxLogLine = 60 << 10;

struct MonitorMessage {
  uint64_t id = 0;
  std::string op;  // empty in answers
  Json body = Json::object();
  std::string payload;
};

std::string EncodeMonitorMessage(const MonitorMessage& message);
Result<MonitorMessage> DecodeMonitorMessage(std::string_view bytes);

// Answers.
std::string EncodeAnswer(uint64_t id, Json body);
std::string EncodeError(uint64_t id, const Error& error);
// The error of an answer, when it is one.
Result<> AnswerStatus(const MonitorMessage& answer);

// InvalidArgument unless BODY names our version.
Result<> CheckVersion(const Json& body);

// A container or exec id as it may become a file name: letters, digits, '_', '-', '.', not leading
// '.', 1 to 128 of them.
Result<> CheckId(std::string_view id);

Json EncodeSetup(const MonitorOptions& options);
Result<MonitorOptions> DecodeSetup(const Json& body);

MonitorMessage EncodeCreate(const ContainerCreate& request);
Result<ContainerCreate> DecodeCreate(const MonitorMessage& message);

// stdio fds of the frame: bit 0, 1, 2 of "fds" say which of stdin, stdout, stderr are sent.
struct ExecStart {
  std::string exec_id;  // chosen by the client, unique on its connection
  std::string container_id;
  spec::Process process;
  bool has_fd[3] = {};
  // The last fd of the frame is a pipe: one answer goes there when the process has ended, none
  // comes on the connection.
  bool wait = false;
  int64_t timeout_ms = 0;  // 0: none
};
MonitorMessage EncodeExec(const ExecStart& exec);
Result<ExecStart> DecodeExec(const MonitorMessage& message);

Json EncodeContainer(const MonitoredContainer& container);
Result<MonitoredContainer> DecodeContainer(const Json& json);
Json EncodeExit(const ContainerExit& exit);
Result<ContainerExit> DecodeExit(const Json& json);

// What a monitor tells about itself: in the answer to hello and setup, and in monitor.json.
struct MonitorIdentity {
  pid_t pid = 0;
  uint64_t start_time = 0;  // field 22 of /proc/PID/stat: tells a reused pid
  // Those that the pod owns, by type ("network"): a path to it that holds while the monitor lives.
  std::map<std::string, std::string> namespaces;
  std::vector<MonitoredContainer> containers;
};
Json EncodeIdentity(const MonitorIdentity& identity);
Result<MonitorIdentity> DecodeIdentity(const Json& json);

}  // namespace onggi
