#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/command/image_commands.h"
#include "cli/output/human.h"
#include "cli/output/print.h"
#include "cli/output/progress.h"

namespace onggi::cli {
namespace {

struct PullOptions {
  std::string reference;
  std::string platform;
  bool all_tags = false;
  bool quiet = false;
};

Result<> Pull(Context& context, const PullOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  v1::PullRequest request;
  request.set_reference(options.reference);
  request.set_platform(options.platform);
  request.set_all_tags(options.all_tags);
  grpc::ClientContext call;
  auto reader = client->images().Pull(&call, request);
  std::vector<std::string> ids;
  {
    ProgressLine line;
    v1::PullResponse response;
    while (reader->Read(&response)) {
      if (response.has_image_id()) ids.push_back(response.image_id());
      const v1::Progress& progress = response.progress();
      if (response.has_progress() && !options.quiet) {
        line.Show({progress.stage(), progress.bytes_done(), progress.bytes_total(),
                   progress.layers_done(), progress.layers_total()});
      }
    }
  }
  TRY(client->Check(reader->Finish()));
  OrderedJson json = OrderedJson::array();
  for (const std::string& id : ids) {
    if (!context.json) Print(id + "\n");
    json.push_back({{"id", id}});
  }
  if (context.json) PrintJson(json);
  return Ok();
}

}  // namespace

void AddPull(CLI::App& parent, Context& context) {
  auto options = std::make_shared<PullOptions>();
  CLI::App* command =
      AddCommand(parent, context,
                 {"pull", "Fetch an image from its registry; prints its id",
                  "  onggi pull busybox                     docker.io/library/busybox:latest\n"
                  "  onggi pull localhost:5000/app:1.2\n"
                  "  onggi pull --platform linux/arm64 busybox"},
                 [&context, options] { return Pull(context, *options); });
  command->add_option("NAME", options->reference, "name, name:tag, name@digest or a URL")
      ->required();
  command->add_option("--platform", options->platform,
                      "os/architecture[/variant], when not this node's");
  command->add_flag("-a,--all-tags", options->all_tags, "every tag of the repository");
  command->add_flag("-q,--quiet", options->quiet, "no progress");
}

}  // namespace onggi::cli
