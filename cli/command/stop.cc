#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/find.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

struct StopOptions {
  std::vector<std::string> names;
  int64_t seconds = 10;
};

Result<> Stop(Context& context, const StopOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  for (const std::string& name : options.names) {
    TRY_ASSIGN(auto container, FindContainer(*client, name));
    runtime::v1::StopContainerRequest request;
    request.set_container_id(container.id());
    request.set_timeout(options.seconds);
    runtime::v1::StopContainerResponse response;
    grpc::ClientContext call;
    TRY(client->Check(client->runtime().StopContainer(&call, request, &response)));
    Print(name + "\n");
  }
  return Ok();
}

}  // namespace

void AddStop(CLI::App& app, Context& context) {
  auto options = std::make_shared<StopOptions>();
  CLI::App* command = AddCommand(app, context,
                                 {"stop", "Stop containers: their stop signal, then SIGKILL",
                                  "  onggi stop web\n"
                                  "  onggi stop -t 1 web db     kill after one second"},
                                 [&context, options] { return Stop(context, *options); });
  command->add_option("CONTAINER", options->names, "names, ids or unique prefixes")->required();
  command->add_option("-t,--time", options->seconds, "seconds to wait before SIGKILL")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

}  // namespace onggi::cli
