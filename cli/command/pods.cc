#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/output/human.h"
#include "cli/output/print.h"
#include "cli/output/table.h"

namespace onggi::cli {
namespace {

// The primary address of POD, "" for the host's network or a pod that went meanwhile.
std::string AddressOf(Client& client, const std::string& id) {
  runtime::v1::PodSandboxStatusRequest request;
  request.set_pod_sandbox_id(id);
  runtime::v1::PodSandboxStatusResponse response;
  grpc::ClientContext call;
  if (!client.runtime().PodSandboxStatus(&call, request, &response).ok()) return "";
  return response.status().network().ip();
}

Result<> Pods(Context& context, bool quiet) {
  TRY_ASSIGN(Client * client, context.Connect());
  runtime::v1::ListPodSandboxResponse response;
  grpc::ClientContext call;
  TRY(client->Check(client->runtime().ListPodSandbox(&call, {}, &response)));
  Table table({"POD", "CREATED", "STATE", "NAMESPACE", "NAME", "ADDRESS"});
  OrderedJson json = OrderedJson::array();
  int64_t now = WallNanos();
  for (const auto& pod : response.items()) {
    if (quiet) {
      Print(ShortId(pod.id()) + "\n");
      continue;
    }
    json.push_back(ToJson(pod));
    bool ready = pod.state() == runtime::v1::SANDBOX_READY;
    table.Add({ShortId(pod.id()), HumanAge(pod.created_at(), now), ready ? "ready" : "not ready",
               pod.metadata().namespace_(), pod.metadata().name(),
               context.json ? "" : AddressOf(*client, pod.id())});
  }
  if (quiet) return Ok();
  if (context.json) {
    PrintJson(json);
  } else {
    Print(table.Render());
  }
  return Ok();
}

}  // namespace

void AddPods(CLI::App& app, Context& context) {
  auto quiet = std::make_shared<bool>(false);
  CLI::App* command = AddCommand(app, context,
                                 {"pods", "List pod sandboxes",
                                  "  onggi pods\n"
                                  "  onggi pods -o json"},
                                 [&context, quiet] { return Pods(context, *quiet); });
  command->add_flag("-q,--quiet", *quiet, "ids only");
}

}  // namespace onggi::cli
