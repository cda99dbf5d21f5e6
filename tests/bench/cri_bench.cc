// cri_bench: measures any CRI socket as a kubelet would use it, so that two engines can be compared
// in one run.
//
//   pod     RunPodSandbox, CreateContainer, StartContainer, ExecSync, StopContainer,
//   RemoveContainer,
//           StopPodSandbox, RemovePodSandbox; and their sum up to a running container
//   exec    ExecSync of `true` in one running container
//   list    ListContainers with N containers there
//   pull    PullImage after RemoveImage
//
// usage: cri_bench --socket PATH [--image REF] [--runs N] [--parallel P] [--list N] [--pull REF]
// [--json]
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "proto/runtime/v1/api.grpc.pb.h"
#include "tests/bench/samples.h"

namespace onggi::bench {
namespace {

namespace cri = runtime::v1;

struct Options {
  std::string socket;
  std::string image = "docker.io/library/busybox:latest";
  std::string cgroup_parent;
  int runs = 30;
  int parallel = 1;
  int list = 0;
  std::string pull;
  bool host_network = false;
  bool json = false;
};

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {
    auto channel =
        grpc::CreateChannel("unix:" + options.socket, grpc::InsecureChannelCredentials());
    runtime_ = cri::RuntimeService::NewStub(channel);
    images_ = cri::ImageService::NewStub(channel);
  }

  void RunPods();
  void RunExecs();
  void RunList();
  void RunPull();
  void Report() const;

 private:
  // Times one call; a failing call ends the program, as its figure would mean nothing.
  template <typename Request, typename Response, typename Stub>
  Response Call(const char* step, Stub* stub,
                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    Response response;
    grpc::ClientContext context;
    int64_t begin = MonotonicNanos();
    grpc::Status status = (stub->*method)(&context, request, &response);
    int64_t took = MonotonicNanos() - begin;
    if (!status.ok()) {
      (void)fprintf(stderr, "cri_bench: %s: %s\n", step, status.error_message().c_str());
      _exit(1);
    }
    Add(step, took);
    return response;
  }
  void Add(const std::string& step, int64_t nanoseconds) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (samples_.find(step) == samples_.end()) order_.push_back(step);
    samples_[step].Add(nanoseconds);
  }

  cri::PodSandboxConfig PodConfig() const;
  std::string StartPod(cri::PodSandboxConfig& config);
  std::string StartContainer(const std::string& pod, const cri::PodSandboxConfig& config,
                             bool start);
  void Exec(const std::string& container);
  void RemovePod(const std::string& pod);
  void OnePod();

  const Options& options_;
  std::unique_ptr<cri::RuntimeService::Stub> runtime_;
  std::unique_ptr<cri::ImageService::Stub> images_;
  std::mutex mutex_;
  std::map<std::string, Samples> samples_;
  std::vector<std::string> order_;
};

cri::PodSandboxConfig Bench::PodConfig() const {
  cri::PodSandboxConfig config;
  config.mutable_metadata()->set_name("bench-" + RandomHex(6));
  config.mutable_metadata()->set_uid(RandomHex(16));
  config.mutable_metadata()->set_namespace_("bench");
  config.set_hostname("bench");
  config.set_log_directory("/tmp/cri-bench-logs");
  config.mutable_linux()->set_cgroup_parent(options_.cgroup_parent);
  if (options_.host_network) {
    config.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_network(
        cri::NODE);
  }
  return config;
}

std::string Bench::StartPod(cri::PodSandboxConfig& config) {
  cri::RunPodSandboxRequest request;
  *request.mutable_config() = config;
  return Call("RunPodSandbox", runtime_.get(), &cri::RuntimeService::Stub::RunPodSandbox, request)
      .pod_sandbox_id();
}

std::string Bench::StartContainer(const std::string& pod, const cri::PodSandboxConfig& config,
                                  bool start) {
  cri::CreateContainerRequest create;
  create.set_pod_sandbox_id(pod);
  *create.mutable_sandbox_config() = config;
  auto* container = create.mutable_config();
  container->mutable_metadata()->set_name("c-" + RandomHex(6));
  container->mutable_image()->set_image(options_.image);
  for (const char* word : {"sleep", "1000"}) container->add_command(word);
  container->set_log_path("c.log");
  container->mutable_linux()->mutable_security_context()->mutable_seccomp();
  std::string id =
      Call("CreateContainer", runtime_.get(), &cri::RuntimeService::Stub::CreateContainer, create)
          .container_id();
  if (start) {
    cri::StartContainerRequest request;
    request.set_container_id(id);
    Call("StartContainer", runtime_.get(), &cri::RuntimeService::Stub::StartContainer, request);
  }
  return id;
}

void Bench::Exec(const std::string& container) {
  cri::ExecSyncRequest request;
  request.set_container_id(container);
  request.add_cmd("true");
  Call("ExecSync", runtime_.get(), &cri::RuntimeService::Stub::ExecSync, request);
}

void Bench::RemovePod(const std::string& pod) {
  cri::StopPodSandboxRequest stop;
  stop.set_pod_sandbox_id(pod);
  Call("StopPodSandbox", runtime_.get(), &cri::RuntimeService::Stub::StopPodSandbox, stop);
  cri::RemovePodSandboxRequest remove;
  remove.set_pod_sandbox_id(pod);
  Call("RemovePodSandbox", runtime_.get(), &cri::RuntimeService::Stub::RemovePodSandbox, remove);
}

void Bench::OnePod() {
  cri::PodSandboxConfig config = PodConfig();
  int64_t begin = MonotonicNanos();
  std::string pod = StartPod(config);
  std::string container = StartContainer(pod, config, true);
  Add("= run + create + start", MonotonicNanos() - begin);
  Exec(container);
  cri::StopContainerRequest stop;
  stop.set_container_id(container);
  Call("StopContainer", runtime_.get(), &cri::RuntimeService::Stub::StopContainer, stop);
  cri::RemoveContainerRequest remove;
  remove.set_container_id(container);
  Call("RemoveContainer", runtime_.get(), &cri::RuntimeService::Stub::RemoveContainer, remove);
  RemovePod(pod);
}

void Bench::RunPods() {
  std::vector<std::thread> threads;
  for (int i = 0; i < options_.parallel; ++i) {
    threads.emplace_back([this] {
      for (int run = 0; run < options_.runs; ++run) OnePod();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void Bench::RunExecs() {
  cri::PodSandboxConfig config = PodConfig();
  std::string pod = StartPod(config);
  std::string container = StartContainer(pod, config, true);
  for (int i = 0; i < options_.runs; ++i) Exec(container);
  RemovePod(pod);
}

void Bench::RunList() {
  cri::PodSandboxConfig config = PodConfig();
  std::string pod = StartPod(config);
  for (int i = 0; i < options_.list; ++i) StartContainer(pod, config, false);
  for (int i = 0; i < options_.runs; ++i) {
    Call("ListContainers", runtime_.get(), &cri::RuntimeService::Stub::ListContainers,
         cri::ListContainersRequest());
  }
  RemovePod(pod);
}

void Bench::RunPull() {
  for (int i = 0; i < options_.runs; ++i) {
    cri::RemoveImageRequest remove;
    remove.mutable_image()->set_image(options_.pull);
    Call("RemoveImage", images_.get(), &cri::ImageService::Stub::RemoveImage, remove);
    cri::PullImageRequest pull;
    pull.mutable_image()->set_image(options_.pull);
    Call("PullImage", images_.get(), &cri::ImageService::Stub::PullImage, pull);
  }
}

void Bench::Report() const {
  if (!options_.json) PrintHeading();
  OrderedJson json = OrderedJson::object();
  for (const std::string& step : order_) {
    const Samples& samples = samples_.at(step);
    if (!options_.json) PrintRow(step, samples);
    json[step] = {{"runs", samples.size()},
                  {"median_ms", samples.Quantile(0.5)},
                  {"p90_ms", samples.Quantile(0.9)},
                  {"p99_ms", samples.Quantile(0.99)}};
  }
  if (options_.json) (void)printf("%s\n", DumpJson(json, 2).c_str());
}

void Define(CLI::App& app, Options& options) {
  app.add_option("--socket", options.socket, "the engine's CRI socket")->required();
  app.add_option("--image", options.image, "an image with sleep and true, already there");
  app.add_option("--cgroup-parent", options.cgroup_parent, "parent of the pods' cgroups");
  app.add_option("--runs", options.runs, "repetitions (of each thread)");
  app.add_option("--parallel", options.parallel, "threads that run pods at once");
  app.add_option("--list", options.list, "also list this many containers");
  app.add_option("--pull", options.pull, "measure only pulls of this image");
  app.add_flag("--host-network", options.host_network, "pods without a network of their own");
  app.add_flag("--json", options.json, "figures as JSON");
}

}  // namespace
}  // namespace onggi::bench

int main(int argc, char** argv) {
  onggi::bench::Options options;
  CLI::App app("Measure a CRI socket", "cri_bench");
  onggi::bench::Define(app, options);
  CLI11_PARSE(app, argc, argv);
  onggi::bench::Bench bench(options);
  if (!options.pull.empty()) {
    bench.RunPull();
  } else {
    bench.RunPods();
    bench.RunExecs();
    if (options.list > 0) bench.RunList();
  }
  bench.Report();
  return 0;
}
