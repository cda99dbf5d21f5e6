#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/command/image_commands.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

Result<> InspectImages(Context& context, const std::vector<std::string>& names) {
  TRY_ASSIGN(Client * client, context.Connect());
  OrderedJson all = OrderedJson::array();
  for (const std::string& name : names) {
    v1::InspectRequest request;
    request.set_reference(name);
    v1::InspectResponse response;
    grpc::ClientContext call;
    TRY(client->Check(client->images().Inspect(&call, request, &response)));
    OrderedJson one = ToJson(response.image());
    // The OCI config as JSON, not as a text within JSON.
    one.erase("config_json");
    OrderedJson config = OrderedJson::parse(response.image().config_json(), nullptr, false);
    if (!config.is_discarded()) one["config"] = config;
    all.push_back(std::move(one));
  }
  PrintJson(all);
  return Ok();
}

}  // namespace

void AddImageInspect(CLI::App& parent, Context& context) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* command = AddCommand(parent, context,
                                 {"inspect", "Show all that is known of images, as JSON",
                                  "  onggi image inspect busybox:latest"},
                                 [&context, names] { return InspectImages(context, *names); });
  command->add_option("IMAGE", *names, "names, ids or unique prefixes")->required();
}

}  // namespace onggi::cli
