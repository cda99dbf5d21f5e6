#include <CLI/CLI.hpp>

#include "cli/command/command.h"
#include "cli/command/image_commands.h"

namespace onggi::cli {

// `onggi image VERB`, with Docker's short form beside it where there is one.
void AddImageCommands(CLI::App& app, Context& context) {
  AddPull(app, context);
  AddImages(app, context, "images");
  AddRmi(app, context, "rmi");
  AddLoad(app, context);
  AddTag(app, context);
  AddHistory(app, context);
  CLI::App* group = app.add_subcommand("image", "Work with images");
  group->require_subcommand(1);
  AddPull(*group, context);
  AddImages(*group, context, "ls");
  AddRmi(*group, context, "rm");
  AddLoad(*group, context);
  AddTag(*group, context);
  AddHistory(*group, context);
  AddImageInspect(*group, context);
}

}  // namespace onggi::cli
