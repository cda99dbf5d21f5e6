#include <CLI/CLI.hpp>

#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/find.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

// A verbose CRI answer as one document: "info" holds JSON texts, which become JSON.
OrderedJson Unfold(OrderedJson json) {
  if (json.contains("info") && json["info"].is_object()) {
    for (auto& [key, value] : json["info"].items()) {
      if (!value.is_string()) continue;
      OrderedJson parsed = OrderedJson::parse(value.get<std::string>(), nullptr, false);
      if (!parsed.is_discarded()) value = parsed;
    }
  }
  return json;
}

Result<OrderedJson> InspectPod(Client& client, const std::string& text) {
  runtime::v1::PodSandboxStatusRequest request;
  request.set_pod_sandbox_id(text);
  request.set_verbose(true);
  runtime::v1::PodSandboxStatusResponse response;
  grpc::ClientContext call;
  TRY(client.Check(client.runtime().PodSandboxStatus(&call, request, &response)));
  return Unfold(ToJson(response));
}

Result<OrderedJson> InspectImage(Client& client, const std::string& text) {
  runtime::v1::ImageStatusRequest request;
  request.mutable_image()->set_image(text);
  request.set_verbose(true);
  runtime::v1::ImageStatusResponse response;
  grpc::ClientContext call;
  TRY(client.Check(client.images_cri().ImageStatus(&call, request, &response)));
  if (!response.has_image()) return NotFound("no image " + text);
  return Unfold(ToJson(response));
}

Result<OrderedJson> InspectOne(Client& client, const std::string& text) {
  auto container = FindContainer(client, text);
  if (container.has_value()) {
    runtime::v1::ContainerStatusRequest request;
    request.set_container_id(container->id());
    request.set_verbose(true);
    runtime::v1::ContainerStatusResponse response;
    grpc::ClientContext call;
    TRY(client.Check(client.runtime().ContainerStatus(&call, request, &response)));
    return Unfold(ToJson(response));
  }
  if (container.error().code() != Code::kNotFound) return std::move(container).error();
  auto pod = InspectPod(client, text);
  if (pod.has_value()) return pod;
  auto image = InspectImage(client, text);
  if (image.has_value()) return image;
  return NotFound("no container, pod or image '" + text + "'");
}

Result<> Inspect(Context& context, const std::vector<std::string>& names) {
  TRY_ASSIGN(Client * client, context.Connect());
  OrderedJson all = OrderedJson::array();
  for (const std::string& name : names) {
    TRY_ASSIGN(OrderedJson one, InspectOne(*client, name));
    all.push_back(std::move(one));
  }
  PrintJson(all);
  return Ok();
}

}  // namespace

void AddInspect(CLI::App& app, Context& context) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      AddCommand(app, context,
                 {"inspect", "Show all that is known of a container, pod or image, as JSON",
                  "  onggi inspect web\n"
                  "  onggi inspect 3f2a busybox:latest"},
                 [&context, names] { return Inspect(context, *names); });
  command->add_option("NAME", *names, "names, ids or unique prefixes of ids")->required();
}

}  // namespace onggi::cli
