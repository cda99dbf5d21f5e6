#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/command/image_commands.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

struct RmiOptions {
  std::vector<std::string> names;
  bool force = false;
};

Result<> Rmi(Context& context, const RmiOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  for (const std::string& name : options.names) {
    v1::RemoveRequest request;
    request.set_reference(name);
    request.set_force(options.force);
    v1::RemoveResponse response;
    grpc::ClientContext call;
    TRY(client->Check(client->images().Remove(&call, request, &response)));
    for (const std::string& untagged : response.untagged()) Print("untagged: " + untagged + "\n");
    if (!response.deleted_id().empty()) Print("deleted: " + response.deleted_id() + "\n");
  }
  return Ok();
}

}  // namespace

void AddRmi(CLI::App& parent, Context& context, const char* name) {
  auto options = std::make_shared<RmiOptions>();
  CLI::App* command =
      AddCommand(parent, context,
                 {name, "Remove images",
                  "  onggi rmi busybox           this name; the image goes with its last name\n"
                  "  onggi rmi -f 3f2a91         by id, with every name"},
                 [&context, options] { return Rmi(context, *options); });
  command->add_option("IMAGE", options->names, "names, ids or unique prefixes of ids")->required();
  command->add_flag("-f,--force", options->force, "also when containers stand on it");
}

}  // namespace onggi::cli
