#include <cstdio>

#include "base/file_io.h"
#include "base/json.h"
#include "base/strings.h"
#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/state/container_state.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {{"format", 'f', true}};

std::string CommandLine(pid_t pid) {
  Result<std::string> text = ReadFile("/proc/" + std::to_string(pid) + "/cmdline");
  if (!text) return "";
  for (char& c : *text) c = c == '\0' ? ' ' : static_cast<unsigned char>(c) < 32 ? '?' : c;
  return std::string(Trim(*text));
}

}  // namespace

Result<int> PsCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(kFlags, words, true));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  TRY_ASSIGN(const ContainerState state, ContainerState::Load(global.root, id));
  TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
  TRY_ASSIGN(const std::vector<pid_t> pids, group.Pids());
  if (arguments.Get("format") == "json") {
    (void)printf("%s\n", DumpJson(Json(pids)).c_str());
    return 0;
  }
  (void)printf("%-8s %s\n", "PID", "COMMAND");
  for (const pid_t pid : pids) (void)printf("%-8d %s\n", pid, CommandLine(pid).c_str());
  return 0;
}

}  // namespace onggi
