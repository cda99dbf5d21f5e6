#include <cstdio>

#include "base/file_io.h"
#include "base/json.h"
#include "base/strings.h"
#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/state/container_state.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {{"stats"}, {"interval", 0, true}};

uint64_t ReadNumber(const std::string& dir, const char* file) {
  if (dir.empty()) return 0;
  const Result<std::string> text = ReadFile(dir + "/" + file);
  return text ? ParseUint(Trim(*text)).value_or(0) : 0;
}

uint64_t CpuNanos(const Cgroup& group) {
  if (group.layout() != CgroupLayout::kV2) {
    return ReadNumber(group.DirOf("cpuacct"), "cpuacct.usage");
  }
  const Result<std::string> text = ReadFile(group.DirOf("cpu") + "/cpu.stat");
  if (!text) return 0;
  for (std::string_view line : Split(*text, '\n')) {
    if (line.substr(0, 11) == "usage_usec ") return ParseUint(line.substr(11)).value_or(0) * 1000;
  }
  return 0;
}

Json Stats(const Cgroup& group) {
  const bool v2 = group.layout() == CgroupLayout::kV2;
  const std::string memory = group.DirOf("memory");
  Json data;
  data["cpu"]["usage"]["total"] = CpuNanos(group);
  data["memory"]["usage"]["usage"] =
      ReadNumber(memory, v2 ? "memory.current" : "memory.usage_in_bytes");
  data["memory"]["usage"]["limit"] =
      ReadNumber(memory, v2 ? "memory.max" : "memory.limit_in_bytes");
  data["pids"]["current"] = ReadNumber(group.DirOf("pids"), "pids.current");
  data["pids"]["limit"] = ReadNumber(group.DirOf("pids"), "pids.max");
  return data;
}

}  // namespace

Result<int> EventsCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(kFlags, words, false));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  if (!arguments.Has("stats")) return Unimplemented("events are printed only with --stats");
  TRY_ASSIGN(const ContainerState state, ContainerState::Load(global.root, id));
  TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
  const Json event{{"type", "stats"}, {"id", id}, {"data", Stats(group)}};
  (void)printf("%s\n", DumpJson(event).c_str());
  return 0;
}

}  // namespace onggi
