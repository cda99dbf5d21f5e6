// Hooks of config.json: programs that others want run at fixed points of a container's life.
//
// Each gets the state document on its stdin, exactly the environment that its entry lists, "/" as
// working directory, and no descriptor of ours. It is killed at its timeout.
//
// Thread-safety: one thread. Blocks until all have ended.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi {

struct HookState {
  std::string id;
  std::string status;  // "creating", "created", "running", "stopped"
  pid_t pid = 0;       // 0 leaves it out
  std::string bundle;
};

// The first that fails ends the list: its error holds its path and what it wrote to stderr.
Result<> RunHooks(const std::vector<spec::Hook>& hooks, const spec::Spec& spec,
                  const HookState& state);

// The state document of the specification, as "state" prints it too.
std::string StateDocument(const spec::Spec& spec, const HookState& state);

}  // namespace onggi
