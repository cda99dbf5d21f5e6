#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/find.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

struct RmOptions {
  std::vector<std::string> names;
  bool all = false;
  bool force = false;
};

Result<> RemovePod(Client& client, const std::string& id) {
  runtime::v1::StopPodSandboxRequest stop;
  stop.set_pod_sandbox_id(id);
  runtime::v1::StopPodSandboxResponse stopped;
  grpc::ClientContext stop_call;
  TRY(client.Check(client.runtime().StopPodSandbox(&stop_call, stop, &stopped)));
  runtime::v1::RemovePodSandboxRequest remove;
  remove.set_pod_sandbox_id(id);
  runtime::v1::RemovePodSandboxResponse removed;
  grpc::ClientContext remove_call;
  return client.Check(client.runtime().RemovePodSandbox(&remove_call, remove, &removed));
}

// A container of `onggi run` is a pod of one: the pod goes with it.
Result<> RemoveOne(Client& client, const runtime::v1::Container& container, bool force) {
  if (container.state() == runtime::v1::CONTAINER_RUNNING && !force) {
    return FailedPrecondition(NameOf(container) + " is running: stop it first, or use rm --force");
  }
  if (container.labels().count(kNameLabel) > 0) {
    return RemovePod(client, container.pod_sandbox_id());
  }
  runtime::v1::RemoveContainerRequest request;
  request.set_container_id(container.id());
  runtime::v1::RemoveContainerResponse response;
  grpc::ClientContext call;
  return client.Check(client.runtime().RemoveContainer(&call, request, &response));
}

Result<> Rm(Context& context, const RmOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  if (options.all) {
    TRY_ASSIGN(auto containers, ListContainers(*client));
    for (const auto& container : containers) {
      TRY(RemoveOne(*client, container, options.force));
      Print(NameOf(container) + "\n");
    }
    return Ok();
  }
  if (options.names.empty()) return InvalidArgument("rm needs a container, or --all");
  for (const std::string& name : options.names) {
    TRY_ASSIGN(auto container, FindContainer(*client, name));
    TRY(RemoveOne(*client, container, options.force));
    Print(name + "\n");
  }
  return Ok();
}

}  // namespace

void AddRm(CLI::App& app, Context& context) {
  auto options = std::make_shared<RmOptions>();
  CLI::App* command = AddCommand(app, context,
                                 {"rm", "Remove containers",
                                  "  onggi rm web\n"
                                  "  onggi rm -f web        even when it runs\n"
                                  "  onggi rm --all -f      every container of this node"},
                                 [&context, options] { return Rm(context, *options); });
  command->add_option("CONTAINER", options->names, "names, ids or unique prefixes");
  command->add_flag("-a,--all", options->all, "every container");
  command->add_flag("-f,--force", options->force, "running ones too: they are killed");
}

}  // namespace onggi::cli
