// Commands: each Add... function hangs one verb (or a group of verbs) into the command line. A
// command parses into its own options struct, calls the daemon, prints, and returns a Result; main
// turns an error into one line and the exit status.
//
// Thread-safety: called once, from main.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "cli/context.h"

namespace CLI {
class App;
}

namespace onggi::cli {

using Action = std::function<Result<>()>;

struct CommandText {
  const char* name;
  const char* summary;   // one line
  const char* examples;  // shown below the options, "" for none
};
// A subcommand whose ACTION runs when the line names it.
CLI::App* AddCommand(CLI::App& parent, Context& context, const CommandText& text, Action action);

void AddContainerCommands(CLI::App& app, Context& context);
void AddImageCommands(CLI::App& app, Context& context);
void AddPodCommands(CLI::App& app, Context& context);
void AddSystemCommands(CLI::App& app, Context& context);

// Single verbs, used by the groups above.
void AddRun(CLI::App& app, Context& context);
void AddPs(CLI::App& app, Context& context);
void AddExec(CLI::App& app, Context& context);
void AddLogs(CLI::App& app, Context& context);
void AddStop(CLI::App& app, Context& context);
void AddRm(CLI::App& app, Context& context);
void AddInspect(CLI::App& app, Context& context);
void AddPods(CLI::App& app, Context& context);
void AddInfo(CLI::App& app, Context& context);
void AddVersion(CLI::App& app, Context& context);

}  // namespace onggi::cli
