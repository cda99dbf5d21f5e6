#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/command/image_commands.h"

namespace onggi::cli {
namespace {

Result<> Tag(Context& context, const v1::TagRequest& request) {
  TRY_ASSIGN(Client * client, context.Connect());
  v1::TagResponse response;
  grpc::ClientContext call;
  return client->Check(client->images().Tag(&call, request, &response));
}

}  // namespace

void AddTag(CLI::App& parent, Context& context) {
  auto source = std::make_shared<std::string>();
  auto target = std::make_shared<std::string>();
  CLI::App* command = AddCommand(parent, context,
                                 {"tag", "Give an image another name; the id stays the same",
                                  "  onggi tag busybox localhost:5000/tools/busybox:1"},
                                 [&context, source, target] {
                                   v1::TagRequest request;
                                   request.set_source(*source);
                                   request.set_target(*target);
                                   return Tag(context, request);
                                 });
  command->add_option("IMAGE", *source, "a name, id or unique prefix")->required();
  command->add_option("NAME", *target, "the new name")->required();
}

}  // namespace onggi::cli
