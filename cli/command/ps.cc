#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/find.h"
#include "cli/output/human.h"
#include "cli/output/print.h"
#include "cli/output/table.h"

namespace onggi::cli {
namespace {

struct PsOptions {
  bool all = false;
  bool quiet = false;
};

const char* StateText(runtime::v1::ContainerState state) {
  switch (state) {
    case runtime::v1::CONTAINER_CREATED:
      return "created";
    case runtime::v1::CONTAINER_RUNNING:
      return "running";
    case runtime::v1::CONTAINER_EXITED:
      return "exited";
    default:
      return "unknown";
  }
}

Result<> Ps(Context& context, const PsOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  TRY_ASSIGN(auto containers, ListContainers(*client));
  Table table({"CONTAINER", "IMAGE", "CREATED", "STATE", "POD", "NAME"});
  OrderedJson json = OrderedJson::array();
  int64_t now = WallNanos();
  for (const auto& container : containers) {
    if (!options.all && container.state() != runtime::v1::CONTAINER_RUNNING) continue;
    if (options.quiet) {
      Print(ShortId(container.id()) + "\n");
      continue;
    }
    json.push_back(ToJson(container));
    table.Add({ShortId(container.id()), FamiliarName(container.image().image()),
               HumanAge(container.created_at(), now), StateText(container.state()),
               ShortId(container.pod_sandbox_id()), NameOf(container)});
  }
  if (options.quiet) return Ok();
  if (context.json) {
    PrintJson(json);
  } else {
    Print(table.Render());
  }
  return Ok();
}

}  // namespace

void AddPs(CLI::App& app, Context& context) {
  auto options = std::make_shared<PsOptions>();
  CLI::App* command = AddCommand(app, context,
                                 {"ps", "List containers: running ones, or all",
                                  "  onggi ps           running containers\n"
                                  "  onggi ps -a        exited ones too\n"
                                  "  onggi ps -q        ids only, for scripts"},
                                 [&context, options] { return Ps(context, *options); });
  command->add_flag("-a,--all", options->all, "exited and created containers too");
  command->add_flag("-q,--quiet", options->quiet, "ids only");
}

}  // namespace onggi::cli
