#include "cli/command/command.h"

#include <CLI/CLI.hpp>

#include <optional>

namespace onggi::cli {

CLI::App* AddCommand(CLI::App& parent, Context& context, const CommandText& text, Action action) {
  CLI::App* command = parent.add_subcommand(text.name, text.summary);
  if (text.examples[0] != '\0') command->footer(std::string("Examples:\n") + text.examples);
  command->callback([&context, action = std::move(action)] {
    Result<> outcome = action();
    if (!outcome) context.Fail(std::move(outcome).error());
  });
  return command;
}

void AddContainerCommands(CLI::App& app, Context& context) {
  AddRun(app, context);
  AddPs(app, context);
  AddExec(app, context);
  AddLogs(app, context);
  AddStop(app, context);
  AddRm(app, context);
  AddInspect(app, context);
}

void AddPodCommands(CLI::App& app, Context& context) {
  AddPods(app, context);
}

void AddSystemCommands(CLI::App& app, Context& context) {
  AddInfo(app, context);
  AddVersion(app, context);
}

}  // namespace onggi::cli
