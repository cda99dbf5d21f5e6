#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

Result<> Version(Context& context) {
  TRY_ASSIGN(Client * client, context.Connect());
  runtime::v1::VersionResponse response;
  grpc::ClientContext call;
  TRY(client->Check(client->runtime().Version(&call, {}, &response)));
  if (context.json) {
    OrderedJson json = ToJson(response);
    json["client_version"] = ONGGI_VERSION;
    PrintJson(json);
    return Ok();
  }
  Print("client " ONGGI_VERSION "\n" + response.runtime_name() + "d " + response.runtime_version() +
        ", CRI " + response.runtime_api_version() + "\n");
  return Ok();
}

}  // namespace

void AddVersion(CLI::App& app, Context& context) {
  AddCommand(app, context, {"version", "Show the versions of client and daemon", ""},
             [&context] { return Version(context); });
}

}  // namespace onggi::cli
