#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/command/image_commands.h"
#include "cli/output/human.h"
#include "cli/output/print.h"
#include "cli/output/table.h"

namespace onggi::cli {
namespace {

constexpr size_t kCommandWidth = 45;

Result<> History(Context& context, const std::string& reference, bool whole) {
  TRY_ASSIGN(Client * client, context.Connect());
  v1::HistoryRequest request;
  request.set_reference(reference);
  v1::HistoryResponse response;
  grpc::ClientContext call;
  TRY(client->Check(client->images().History(&call, request, &response)));
  if (context.json) {
    PrintJson(ToJson(response));
    return Ok();
  }
  Table table({"CREATED", "CREATED BY", "SIZE", "COMMENT"});
  for (const auto& entry : response.entries()) {
    std::string by = entry.created_by();
    if (!whole && by.size() > kCommandWidth) by = by.substr(0, kCommandWidth - 3) + "...";
    table.Add({entry.created().substr(0, 10), by,
               entry.empty_layer() ? "0B" : HumanSize(entry.size_bytes()), entry.comment()});
  }
  Print(table.Render());
  return Ok();
}

}  // namespace

void AddHistory(CLI::App& parent, Context& context) {
  auto reference = std::make_shared<std::string>();
  auto whole = std::make_shared<bool>(false);
  CLI::App* command =
      AddCommand(parent, context, {"history", "Show how an image was made, newest step first", ""},
                 [&context, reference, whole] { return History(context, *reference, *whole); });
  command->add_option("IMAGE", *reference, "a name, id or unique prefix")->required();
  command->add_flag("--no-trunc", *whole, "whole commands");
}

}  // namespace onggi::cli
