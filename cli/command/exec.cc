#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/follow.h"

namespace onggi::cli {
namespace {

struct ExecOptions {
  std::string name;
  std::vector<std::string> command;
  bool interactive = false;
  std::vector<std::string> env;
  std::string user;
  std::string working_dir;
  bool privileged = false;
};

Result<> Exec(Context& context, const ExecOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  v1::ExecStart request;
  request.set_container(options.name);
  for (const std::string& word : options.command) request.add_command(word);
  request.set_stdin(options.interactive);
  for (const std::string& variable : options.env) request.add_env(variable);
  request.set_user(options.user);
  request.set_working_dir(options.working_dir);
  request.set_privileged(options.privileged);
  TRY_ASSIGN(context.exit_code, RunExec(*client, request));
  return Ok();
}

}  // namespace

void AddExec(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExecOptions>();
  CLI::App* command = AddCommand(app, context,
                                 {"exec", "Run a command in a running container",
                                  "  onggi exec web ls -l /\n"
                                  "  echo 1 | onggi exec -i web cat\n"
                                  "  onggi exec -u nobody -w /tmp web id"},
                                 [&context, options] { return Exec(context, *options); });
  command->add_option("CONTAINER", options->name, "name, id or unique prefix")->required();
  command->add_option("COMMAND", options->command, "the command and its arguments")->required();
  command->add_flag("-i,--interactive", options->interactive, "pass our input on");
  command->add_option("-e,--env", options->env, "KEY=value, may be repeated")
      ->allow_extra_args(false);
  command->add_option("-u,--user", options->user, "user[:group], names or numbers");
  command->add_option("-w,--workdir", options->working_dir, "working directory inside");
  command->add_flag("--privileged", options->privileged, "with all capabilities");
  command->positionals_at_end();
}

}  // namespace onggi::cli
