#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

Result<> Info(Context& context) {
  TRY_ASSIGN(Client * client, context.Connect());
  runtime::v1::StatusRequest request;
  request.set_verbose(true);
  runtime::v1::StatusResponse response;
  grpc::ClientContext call;
  TRY(client->Check(client->runtime().Status(&call, request, &response)));
  if (context.json) {
    PrintJson(ToJson(response));
    return Ok();
  }
  for (const auto& condition : response.status().conditions()) {
    std::string line = condition.type() + ": " + (condition.status() ? "yes" : "no");
    if (!condition.message().empty()) line += " (" + condition.message() + ")";
    Print(line + "\n");
  }
  for (const auto& [key, value] : response.info()) Print(key + ": " + value + "\n");
  return Ok();
}

}  // namespace

void AddInfo(CLI::App& app, Context& context) {
  AddCommand(
      app, context,
      {"info", "Show the state of the daemon: what is ready, and with which configuration", ""},
      [&context] { return Info(context); });
}

}  // namespace onggi::cli
