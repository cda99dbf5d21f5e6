#include <unistd.h>

#include "base/file_io.h"
#include "base/strings.h"
#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/spec/parse.h"
#include "runtime/state/container_state.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {
    {"resources", 'r', true},        {"blkio-weight", 0, true}, {"cpu-period", 0, true},
    {"cpu-quota", 0, true},          {"cpu-share", 0, true},    {"cpu-idle", 0, true},
    {"cpuset-cpus", 0, true},        {"cpuset-mems", 0, true},  {"memory", 0, true},
    {"memory-reservation", 0, true}, {"memory-swap", 0, true},  {"pids-limit", 0, true}};

template <typename T>
Result<> Read(const Arguments& arguments, const char* flag, std::optional<T>& out) {
  if (!arguments.Has(flag)) return Ok();
  const auto value = ParseInt(arguments.Get(flag));
  if (!value) return InvalidArgument("--" + std::string(flag) + " is not a number");
  out = static_cast<T>(*value);
  return Ok();
}

Result<spec::Resources> FromFlags(const Arguments& arguments) {
  spec::Resources resources;
  TRY(Read(arguments, "blkio-weight", resources.blkio_weight));
  TRY(Read(arguments, "cpu-period", resources.cpu_period));
  TRY(Read(arguments, "cpu-quota", resources.cpu_quota));
  TRY(Read(arguments, "cpu-share", resources.cpu_shares));
  TRY(Read(arguments, "cpu-idle", resources.cpu_idle));
  TRY(Read(arguments, "memory", resources.memory_limit));
  TRY(Read(arguments, "memory-reservation", resources.memory_reservation));
  TRY(Read(arguments, "memory-swap", resources.memory_swap));
  TRY(Read(arguments, "pids-limit", resources.pids_limit));
  resources.cpuset_cpus = arguments.Get("cpuset-cpus");
  resources.cpuset_mems = arguments.Get("cpuset-mems");
  return resources;
}

Result<spec::Resources> FromFile(const std::string& path) {
  if (path != "-") {
    TRY_ASSIGN(const std::string text, ReadFile(path));
    return spec::ParseResources(text);
  }
  TRY_ASSIGN(const std::string text, ReadAll(STDIN_FILENO));
  return spec::ParseResources(text);
}

}  // namespace

Result<int> UpdateCommand(const GlobalOptions& global, Words words) {
  TRY_ASSIGN(const Arguments arguments, Arguments::Parse(kFlags, words, false));
  TRY_ASSIGN(const std::string id, arguments.Word(0, "the container id"));
  TRY_ASSIGN(const ContainerState state, ContainerState::Load(global.root, id));
  TRY_ASSIGN(const spec::Resources resources, arguments.Has("resources")
                                                  ? FromFile(arguments.Get("resources"))
                                                  : FromFlags(arguments));
  TRY_ASSIGN(const Cgroup group, state.OpenCgroup());
  TRY(group.Apply(resources).Wrap("update container " + id));
  return 0;
}

}  // namespace onggi
