#include <CLI/CLI.hpp>

#include "base/id.h"
#include "base/strings.h"
#include "cli/client.h"
#include "cli/command/command.h"
#include "cli/find.h"
#include "cli/follow.h"
#include "cli/output/print.h"

namespace onggi::cli {
namespace {

struct RunOptions {
  std::string image;
  std::vector<std::string> arguments;
  bool detach = false;
  bool remove = false;
  std::string name;
  std::vector<std::string> env;
  std::vector<std::string> ports;
};

// "8080:80", "127.0.0.1:8080:80/udp"
Result<runtime::v1::PortMapping> ParsePort(const std::string& text) {
  runtime::v1::PortMapping mapping;
  std::string_view rest = text;
  if (size_t slash = rest.find('/'); slash != std::string_view::npos) {
    std::string_view protocol = rest.substr(slash + 1);
    if (protocol == "udp") {
      mapping.set_protocol(runtime::v1::UDP);
    } else if (protocol != "tcp") {
      return InvalidArgument("--publish " + Quote(text) + ": protocol is tcp or udp");
    }
    rest = rest.substr(0, slash);
  }
  size_t colon = rest.rfind(':');
  auto container = ParseUint(rest.substr(colon == std::string_view::npos ? 0 : colon + 1));
  std::string_view host = colon == std::string_view::npos ? "" : rest.substr(0, colon);
  if (size_t address = host.rfind(':'); address != std::string_view::npos) {
    mapping.set_host_ip(std::string(host.substr(0, address)));
    host = host.substr(address + 1);
  }
  auto port = ParseUint(host);
  if (!container || !port || *container == 0 || *container > 65535 || *port > 65535) {
    return InvalidArgument("--publish " + Quote(text) +
                           ": expected [HOST-IP:]HOST-PORT:PORT[/udp]");
  }
  mapping.set_container_port(static_cast<int>(*container));
  mapping.set_host_port(static_cast<int>(*port));
  return mapping;
}

Result<> PullIfMissing(Client& client, const std::string& image) {
  runtime::v1::ImageStatusRequest status;
  status.mutable_image()->set_image(image);
  runtime::v1::ImageStatusResponse found;
  grpc::ClientContext status_call;
  TRY(client.Check(client.images_cri().ImageStatus(&status_call, status, &found)));
  if (found.has_image()) return Ok();
  PrintError("pulling " + image + "\n");
  runtime::v1::PullImageRequest pull;
  pull.mutable_image()->set_image(image);
  runtime::v1::PullImageResponse pulled;
  grpc::ClientContext pull_call;
  return client.Check(client.images_cri().PullImage(&pull_call, pull, &pulled));
}

Result<runtime::v1::PodSandboxConfig> PodOf(const RunOptions& options) {
  runtime::v1::PodSandboxConfig pod;
  pod.mutable_metadata()->set_name(options.name);
  pod.mutable_metadata()->set_namespace_("onggi");
  pod.mutable_metadata()->set_uid(RandomHex(16));
  pod.set_hostname(options.name);
  pod.set_log_directory("/var/log/onggi/" + pod.metadata().uid());
  (*pod.mutable_labels())[kNameLabel] = options.name;
  for (const std::string& port : options.ports) {
    TRY_ASSIGN(*pod.add_port_mappings(), ParsePort(port));
  }
  return pod;
}

runtime::v1::ContainerConfig ContainerOf(const RunOptions& options) {
  runtime::v1::ContainerConfig config;
  config.mutable_metadata()->set_name(options.name);
  config.mutable_image()->set_image(options.image);
  for (const std::string& word : options.arguments) config.add_args(word);
  for (const std::string& variable : options.env) {
    auto* env = config.add_envs();
    size_t equals = variable.find('=');
    env->set_key(variable.substr(0, equals));
    if (equals != std::string::npos) env->set_value(variable.substr(equals + 1));
  }
  config.set_log_path(options.name + ".log");
  (*config.mutable_labels())[kNameLabel] = options.name;
  config.mutable_linux()->mutable_security_context()->mutable_seccomp();  // the default profile
  return config;
}

struct Started {
  std::string pod;
  std::string container;
};

Result<> CreateAndStart(Client& client, const RunOptions& options, Started& started) {
  runtime::v1::RunPodSandboxRequest run;
  TRY_ASSIGN(*run.mutable_config(), PodOf(options));
  runtime::v1::RunPodSandboxResponse pod;
  grpc::ClientContext run_call;
  TRY(client.Check(client.runtime().RunPodSandbox(&run_call, run, &pod)));
  started.pod = pod.pod_sandbox_id();
  runtime::v1::CreateContainerRequest create;
  create.set_pod_sandbox_id(started.pod);
  *create.mutable_config() = ContainerOf(options);
  *create.mutable_sandbox_config() = run.config();
  runtime::v1::CreateContainerResponse container;
  grpc::ClientContext create_call;
  TRY(client.Check(client.runtime().CreateContainer(&create_call, create, &container)));
  started.container = container.container_id();
  runtime::v1::StartContainerRequest start;
  start.set_container_id(started.container);
  runtime::v1::StartContainerResponse ignored;
  grpc::ClientContext start_call;
  return client.Check(client.runtime().StartContainer(&start_call, start, &ignored));
}

void RemovePod(Client& client, const std::string& id) {
  runtime::v1::RemovePodSandboxRequest request;
  request.set_pod_sandbox_id(id);
  runtime::v1::RemovePodSandboxResponse response;
  grpc::ClientContext call;
  (void)client.runtime().RemovePodSandbox(&call, request,
                                          &response);  // the first error is the one to tell
}

Result<> Run(Context& context, RunOptions& options) {
  TRY_ASSIGN(Client * client, context.Connect());
  if (options.name.empty()) options.name = "c-" + RandomHex(4);
  if (FindContainer(*client, options.name).has_value()) {
    context.exit_code = 125;
    return AlreadyExists("a container named " + options.name + " exists: remove it (onggi rm " +
                         options.name + ") or choose another --name");
  }
  Started started;
  auto outcome = PullIfMissing(*client, options.image);
  if (outcome) outcome = CreateAndStart(*client, options, started);
  if (!outcome) {
    if (!started.pod.empty()) RemovePod(*client, started.pod);
    context.exit_code = 125;
    return outcome;
  }
  if (options.detach) {
    Print(started.container + "\n");
    return Ok();
  }
  v1::LogsRequest logs;
  logs.set_container(started.container);
  logs.set_follow(true);
  logs.set_tail(-1);
  TRY(FollowLogs(*client, logs));
  v1::WaitRequest wait;
  wait.set_container(started.container);
  v1::WaitResponse waited;
  grpc::ClientContext wait_call;
  TRY(client->Check(client->containers().Wait(&wait_call, wait, &waited)));
  context.exit_code = waited.exit_code();
  if (options.remove) RemovePod(*client, started.pod);
  return Ok();
}

}  // namespace

void AddRun(CLI::App& app, Context& context) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = AddCommand(app, context,
                                 {"run", "Make a container from an image and start it",
                                  "  onggi run busybox echo hello\n"
                                  "  onggi run -d --name web -p 8080:80 nginx\n"
                                  "  onggi run --rm -e WHO=me busybox sh -c 'echo $WHO'"},
                                 [&context, options] { return Run(context, *options); });
  command->add_option("IMAGE", options->image, "name of the image; pulled when it is not here")
      ->required();
  command->add_option("ARGS", options->arguments, "instead of the image's command");
  command->add_flag("-d,--detach", options->detach, "print the id and return");
  command->add_flag("--rm", options->remove, "remove the container when it ended");
  command->add_option("--name", options->name, "name of the container and its host name");
  command->add_option("-e,--env", options->env, "KEY=value, may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("-p,--publish", options->ports,
                   "[HOST-IP:]HOST-PORT:PORT[/udp], may be repeated")
      ->allow_extra_args(false);
  command->positionals_at_end();
}

}  // namespace onggi::cli
