#include "runtime/process/hooks.h"

#include "base/child_process.h"
#include "base/json.h"
#include "base/strings.h"

namespace onggi {
namespace {

// For hooks that name none: long, but no hook holds a node for ever.
constexpr auto kDefaultTimeout = std::chrono::minutes(10);

Result<> RunHook(const spec::Hook& hook, const std::string& document) {
  CommandOptions options{.argv = hook.args, .env = hook.env, .text = document};
  if (options.argv.empty()) options.argv.push_back(hook.path);
  // The specification lets args[0] differ from path; what is started is the path.
  options.argv[0] = hook.path;
  options.timeout = hook.timeout_s && *hook.timeout_s > 0
                        ? std::chrono::milliseconds(std::chrono::seconds(*hook.timeout_s))
                        : std::chrono::milliseconds(kDefaultTimeout);
  TRY_ASSIGN(const CommandOutput output, RunCommand(options).Wrap("hook " + hook.path));
  if (output.status.ok()) return Ok();
  return FailedPrecondition("hook " + hook.path + " ended with " +
                            std::to_string(output.status.ShellCode()) + ": " +
                            std::string(Trim(output.err)));
}

}  // namespace

std::string StateDocument(const spec::Spec& spec, const HookState& state) {
  Json json{{"ociVersion", "1.2.0"},
            {"id", state.id},
            {"status", state.status},
            {"bundle", state.bundle}};
  if (state.pid != 0) json["pid"] = state.pid;
  if (!spec.annotations.empty()) json["annotations"] = spec.annotations;
  return DumpJson(json);
}

Result<> RunHooks(const std::vector<spec::Hook>& hooks, const spec::Spec& spec,
                  const HookState& state) {
  if (hooks.empty()) return Ok();
  const std::string document = StateDocument(spec, state);
  for (const spec::Hook& hook : hooks) TRY(RunHook(hook, document));
  return Ok();
}

}  // namespace onggi
