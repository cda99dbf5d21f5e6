#include "tests/e2e/node.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/id.h"
#include "base/strings.h"

namespace onggi::testing {
namespace {

int g_nodes = 0;  // gives each node of this process its own bridge and subnet

std::string TopDirectory() {
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().string();
}

// Checks a status that must be ok.
bool Succeeded(const grpc::Status& status, const char* what) {
  if (status.ok()) return true;
  ADD_FAILURE() << what << ": " << status.error_code() << " " << status.error_message();
  return false;
}

}  // namespace

std::string BinDirectory() {
  const char* given = getenv("ONGGI_BIN");
  if (given != nullptr) return given;
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  return std::filesystem::path(std::string(path, n > 0 ? static_cast<size_t>(n) : 0))
      .parent_path()
      .string();
}

std::string Shell(const std::string& command) {
  auto output =
      RunCommand({.argv = {"/bin/sh", "-c", "exec 2>&1; " + command},
                  .env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                          "HOME=/root", "LANG=C.UTF-8"},
                  .timeout = std::chrono::minutes(10)});
  if (!output) {
    ADD_FAILURE() << command << ": " << output.error().message();
    return "";
  }
  EXPECT_TRUE(output->status.ok()) << command << "\n" << output->out;
  return output->out;
}

std::unique_ptr<Node> Node::Start(NodeOptions options) {
  auto dir = TempDir::Make("/var/tmp");
  if (!dir) {
    ADD_FAILURE() << dir.error().message();
    return nullptr;
  }
  std::unique_ptr<Node> node(new Node(std::move(options), std::move(dir).value()));
  node->WriteConfig();
  node->StartDaemon();
  if (node->options_.load_busybox && !node->LoadBusybox()) ADD_FAILURE() << node->DaemonLog();
  return node;
}

Node::Node(NodeOptions options, TempDir dir) : options_(std::move(options)), dir_(std::move(dir)) {
  socket_ = dir_.path() + "/onggi.sock";
  root_ = options_.root.empty() ? dir_.path() + "/root" : options_.root;
  state_ = dir_.path() + "/state";
  logs_ = dir_.path() + "/logs";
  bridge_ = "oe2e" + std::to_string(getpid() % 100000) + "." + std::to_string(g_nodes);
}

Node::~Node() {
  RemoveAllPods();
  StopDaemon();
  (void)RunCommand(
      {.argv = {"/usr/sbin/ip", "link", "delete", bridge_}, .env = {}});  // may not exist
}

void Node::WriteConfig() {
  int subnet = g_nodes++ % 250;
  std::string third = std::to_string(getpid() % 250);
  std::string conflist =
      R"({"cniVersion":"1.0.0","name":"e2e","plugins":[{"type":"bridge","bridge":")" + bridge_ +
      R"(","isDefaultGateway":true,"ipMasq":true,"hairpinMode":true,)" +
      R"("ipam":{"type":"host-local","dataDir":")" + dir_.path() +
      R"(/ipam","ranges":[[{"subnet":"10.)" + std::to_string(100 + subnet % 100) + "." + third +
      R"(.0/24"}]]}},{"type":"portmap","capabilities":{"portMappings":true}}]})";
  std::string config = "socket: " + socket_ + "\nroot: " + root_ + "\nstate: " + state_ +
                       "\nnetwork:\n  builtin: " + (options_.builtin_network ? "true" : "false") +
                       "\n  cni:\n    conf_dir: " + dir_.path() +
                       "/cni\n    bin_dirs: [/usr/lib/cni, /opt/cni/bin]\n";
  if (!options_.registry.empty()) {
    config += "registry:\n  mirrors:\n    \"" + options_.registry + "\": [\"http://" +
              options_.registry + "\"]\n";
  }
  config += options_.extra_config;
  EXPECT_TRUE(MakeDirs(dir_.path() + "/cni").has_value());
  EXPECT_TRUE(WriteFileAtomic(dir_.path() + "/cni/10-e2e.conflist", conflist).has_value());
  EXPECT_TRUE(WriteFileAtomic(dir_.path() + "/config.yaml", config).has_value());
}

void Node::StartDaemon() {
  auto log = Open(dir_.path() + "/onggid.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
  ASSERT_TRUE(log.has_value());
  auto child = ChildProcess::Spawn(
      {.argv = {BinDirectory() + "/onggid", "--config", dir_.path() + "/config.yaml"},
       .env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
       .stdout_fd = log->get(),
       .stderr_fd = log->get()});
  ASSERT_TRUE(child.has_value()) << child.error().message();
  daemon_ = std::move(child).value();
  Connect();
}

void Node::Connect() {
  auto channel = grpc::CreateChannel("unix:" + socket_, grpc::InsecureChannelCredentials());
  runtime_ = cri::RuntimeService::NewStub(channel);
  images_ = cri::ImageService::NewStub(channel);
  int64_t end = MonotonicNanos() + 20'000'000'000;
  while (MonotonicNanos() < end) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
    cri::VersionResponse response;
    if (runtime_->Version(&context, {}, &response).ok()) return;
    if (daemon_->Wait(std::chrono::milliseconds(0)).has_value()) break;
  }
  ADD_FAILURE() << "the daemon does not answer:\n" << DaemonLog();
}

void Node::KillDaemon() {
  if (!daemon_) return;
  (void)daemon_->Signal(SIGKILL);  // it may be gone already
  (void)daemon_->Wait();
  daemon_.reset();
}

void Node::StopDaemon() {
  if (!daemon_) return;
  (void)daemon_->Signal(SIGTERM);  // it may be gone already
  auto status = daemon_->Wait(std::chrono::seconds(20));
  EXPECT_TRUE(status.has_value()) << "the daemon does not end on SIGTERM";
  if (status.has_value()) {
    EXPECT_TRUE(status->ok()) << status->ShellCode() << "\n" << DaemonLog();
  }
  daemon_.reset();
}

std::string Node::DaemonLog() const {
  return ReadFile(dir_.path() + "/onggid.log").value_or("");
}

bool Node::LoadBusybox() {
  std::string archive = "/var/tmp/onggi-e2e-busybox-" + std::to_string(getpid()) + ".tar";
  Shell(TopDirectory() + "/deploy/make-busybox-image " + archive);
  Shell("ONGGI_SOCKET=" + socket_ + " " + BinDirectory() + "/onggi image load -i " + archive);
  (void)RemoveFile(archive);
  return !::testing::Test::HasFailure();
}

cri::PodSandboxConfig Node::Pod(const std::string& name) const {
  cri::PodSandboxConfig config;
  config.mutable_metadata()->set_name(name);
  config.mutable_metadata()->set_uid(RandomHex(16));
  config.mutable_metadata()->set_namespace_("e2e");
  config.set_hostname(name);
  config.set_log_directory(logs_ + "/" + name);
  config.mutable_linux();
  return config;
}

cri::ContainerConfig Node::Container(const std::string& name,
                                     const std::vector<std::string>& command) const {
  cri::ContainerConfig config;
  config.mutable_metadata()->set_name(name);
  config.mutable_image()->set_image("busybox:latest");
  for (const std::string& word : command) config.add_command(word);
  config.set_log_path(name + ".log");
  config.mutable_linux()->mutable_security_context()->mutable_seccomp();
  return config;
}

std::string Node::RunPod(const cri::PodSandboxConfig& config) {
  cri::RunPodSandboxRequest request;
  *request.mutable_config() = config;
  cri::RunPodSandboxResponse response;
  grpc::ClientContext context;
  Succeeded(runtime_->RunPodSandbox(&context, request, &response), "RunPodSandbox");
  return response.pod_sandbox_id();
}

std::string Node::Create(const std::string& pod, const cri::ContainerConfig& config) {
  cri::CreateContainerRequest request;
  request.set_pod_sandbox_id(pod);
  *request.mutable_config() = config;
  cri::CreateContainerResponse response;
  grpc::ClientContext context;
  Succeeded(runtime_->CreateContainer(&context, request, &response), "CreateContainer");
  return response.container_id();
}

void Node::StartContainer(const std::string& id) {
  Succeeded(TryStart(id), "StartContainer");
}

std::string Node::Run(const std::string& pod, const cri::ContainerConfig& config) {
  std::string id = Create(pod, config);
  if (!id.empty()) StartContainer(id);
  return id;
}

void Node::Stop(const std::string& id, int64_t timeout_s) {
  cri::StopContainerRequest request;
  request.set_container_id(id);
  request.set_timeout(timeout_s);
  cri::StopContainerResponse response;
  grpc::ClientContext context;
  Succeeded(runtime_->StopContainer(&context, request, &response), "StopContainer");
}

void Node::Remove(const std::string& id) {
  cri::RemoveContainerRequest request;
  request.set_container_id(id);
  cri::RemoveContainerResponse response;
  grpc::ClientContext context;
  Succeeded(runtime_->RemoveContainer(&context, request, &response), "RemoveContainer");
}

void Node::StopPod(const std::string& id) {
  cri::StopPodSandboxRequest request;
  request.set_pod_sandbox_id(id);
  cri::StopPodSandboxResponse response;
  grpc::ClientContext context;
  Succeeded(runtime_->StopPodSandbox(&context, request, &response), "StopPodSandbox");
}

void Node::RemovePod(const std::string& id) {
  cri::RemovePodSandboxRequest request;
  request.set_pod_sandbox_id(id);
  cri::RemovePodSandboxResponse response;
  grpc::ClientContext context;
  Succeeded(runtime_->RemovePodSandbox(&context, request, &response), "RemovePodSandbox");
}

ExecResult Node::Exec(const std::string& id, const std::vector<std::string>& command,
                      int64_t timeout_s) {
  cri::ExecSyncRequest request;
  request.set_container_id(id);
  for (const std::string& word : command) request.add_cmd(word);
  request.set_timeout(timeout_s);
  cri::ExecSyncResponse response;
  grpc::ClientContext context;
  if (!Succeeded(runtime_->ExecSync(&context, request, &response), "ExecSync")) return {};
  return {response.stdout(), response.stderr(), response.exit_code()};
}

cri::ContainerStatus Node::Status(const std::string& id) {
  cri::ContainerStatusRequest request;
  request.set_container_id(id);
  cri::ContainerStatusResponse response;
  grpc::ClientContext context;
  Succeeded(runtime_->ContainerStatus(&context, request, &response), "ContainerStatus");
  return response.status();
}

cri::PodSandboxStatus Node::PodStatus(const std::string& id) {
  cri::PodSandboxStatusRequest request;
  request.set_pod_sandbox_id(id);
  cri::PodSandboxStatusResponse response;
  grpc::ClientContext context;
  Succeeded(runtime_->PodSandboxStatus(&context, request, &response), "PodSandboxStatus");
  return response.status();
}

cri::ContainerStatus Node::WaitExited(const std::string& id) {
  int64_t end = MonotonicNanos() + 20'000'000'000;
  cri::ContainerStatus status;
  while (MonotonicNanos() < end) {
    status = Status(id);
    if (status.state() == cri::CONTAINER_EXITED || status.id().empty()) return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << "container " << id << " does not end: " << status.DebugString();
  return status;
}

std::string Node::Log(const std::string& id) {
  std::string text = ReadFile(Status(id).log_path(), 64 << 20).value_or("");
  std::string out;
  for (std::string_view line : Split(text, '\n')) {
    if (line.empty()) continue;
    auto words = Split(line, ' ');
    if (words.size() < 4) {
      ADD_FAILURE() << "not a CRI log line: " << line;
      continue;
    }
    out += line.substr(words[0].size() + words[1].size() + words[2].size() + 3);
    if (words[2] == "F") out += '\n';
  }
  return out;
}

grpc::Status Node::TryRunPod(const cri::PodSandboxConfig& config) {
  cri::RunPodSandboxRequest request;
  *request.mutable_config() = config;
  cri::RunPodSandboxResponse response;
  grpc::ClientContext context;
  return runtime_->RunPodSandbox(&context, request, &response);
}

grpc::Status Node::TryCreate(const std::string& pod, const cri::ContainerConfig& config) {
  cri::CreateContainerRequest request;
  request.set_pod_sandbox_id(pod);
  *request.mutable_config() = config;
  cri::CreateContainerResponse response;
  grpc::ClientContext context;
  return runtime_->CreateContainer(&context, request, &response);
}

grpc::Status Node::TryStart(const std::string& id) {
  cri::StartContainerRequest request;
  request.set_container_id(id);
  cri::StartContainerResponse response;
  grpc::ClientContext context;
  return runtime_->StartContainer(&context, request, &response);
}

grpc::Status Node::TryPull(const std::string& reference, std::string* image_ref) {
  cri::PullImageRequest request;
  request.mutable_image()->set_image(reference);
  cri::PullImageResponse response;
  grpc::ClientContext context;
  grpc::Status status = images_->PullImage(&context, request, &response);
  if (image_ref != nullptr) *image_ref = response.image_ref();
  return status;
}

void Node::RemoveAllPods() {
  if (!daemon_) return;
  cri::ListPodSandboxResponse response;
  grpc::ClientContext context;
  if (!Succeeded(runtime_->ListPodSandbox(&context, {}, &response), "ListPodSandbox")) return;
  for (const auto& pod : response.items()) {
    StopPod(pod.id());
    RemovePod(pod.id());
  }
}

}  // namespace onggi::testing
