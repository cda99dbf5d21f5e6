// What an exec runs as: the container's own process with another command (threat C7: never the
// monitor's sets).
#include "engine/container/capabilities.h"
#include "engine/container/resolve_user.h"
#include "engine/engine_impl.h"
#include "runtime/spec/parse.h"

namespace onggi {

Result<std::shared_ptr<const spec::Process>> EngineImpl::ProcessOf(Container& container) {
  if (auto process = container.process()) return process;
  TRY_ASSIGN(std::string stored, records_.SpecOf(container.id()));
  TRY_ASSIGN(spec::Spec spec, spec::ParseSpec(stored));
  if (!spec.process) {
    return Error(Code::kDataLoss, "the record of container " + container.id() + " has no process");
  }
  container.SetProcess(std::move(*spec.process));
  return container.process();
}

Result<spec::Process> EngineImpl::ExecProcess(const Container& container,
                                              const ExecOptions& options) {
  if (options.command.empty()) return InvalidArgument("cmd: a command is needed");
  TRY_ASSIGN(auto own, ProcessOf(const_cast<Container&>(container)));
  spec::Process process = *own;
  process.args = options.command;
  process.terminal = options.terminal;
  process.console_width = process.console_height = 0;
  for (const std::string& entry : options.env) {
    size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InvalidArgument("env: " + entry + " is not KEY=VALUE");
    }
    std::string key = entry.substr(0, equals + 1);
    auto at = std::find_if(process.env.begin(), process.env.end(), [&](const std::string& one) {
      return one.compare(0, key.size(), key) == 0;
    });
    if (at == process.env.end()) {
      process.env.push_back(entry);
    } else {
      *at = entry;
    }
  }
  if (options.terminal && std::none_of(process.env.begin(), process.env.end(),
                                       [](const auto& e) { return e.rfind("TERM=", 0) == 0; })) {
    process.env.emplace_back("TERM=xterm");
  }
  if (!options.working_dir.empty()) process.cwd = options.working_dir;
  if (!options.user.empty()) {
    TRY_ASSIGN(RootfsMount rootfs, rooms_.snapshotter->Mounts(container.Status()->snapshot_key));
    if (!rootfs.upper.empty()) rootfs.lower.insert(rootfs.lower.begin(), rootfs.upper);
    TRY_ASSIGN(UserDatabase users, UsersOf(rootfs));
    TRY_ASSIGN(ResolvedUser user, ResolveUserText(options.user, users));
    process.user = user.user;
  }
  if (options.privileged) {
    ContainerSecurity all;
    all.privileged = true;
    process.capabilities = ResolveCapabilities(all, {});
    process.no_new_privileges = false;
  }
  return process;
}

}  // namespace onggi
