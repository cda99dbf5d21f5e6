#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/follow.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

struct LogsOptions {
  std::string name;
  bool follow = false;
  std::string tail = "all";
};

Result<> Logs(Context& context, const LogsOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  v1::LogsRequest request;
  request.set_container(options.name);
  request.set_follow(options.follow);
  request.set_tail(options.tail == "all" ? -1 : std::stoll(options.tail));
  return FollowLogs(*client, request);
}

}  // namespace

void AddLogs(CLI::App& app, Context& context) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App* command = AddCommand(app, context,
                                 {"logs", "Show what a container wrote",
                                  "  onggi logs web\n"
                                  "  onggi logs -f --tail 20 web"},
                                 [&context, options] { return Logs(context, *options); });
  command->add_option("CONTAINER", options->name, "name, id or unique prefix")->required();
  command->add_flag("-f,--follow", options->follow, "go on until the container ends");
  command->add_option("-n,--tail", options->tail, "lines from the end, or all")
      ->check(CLI::NonNegativeNumber | CLI::IsMember({"all"}));
}

}  // namespace onggi::cli
