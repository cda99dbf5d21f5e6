#include "server/daemon.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>
#include <signal.h>

#include <thread>

#include "base/log.h"
#include "base/strings.h"
#include "config/keys.h"
#include "config/load.h"
#include "config/print.h"
#include "server/api/container_service.h"
#include "server/api/image_service.h"
#include "server/api/system_service.h"
#include "server/cri/image_service.h"
#include "server/cri/runtime_service.h"
#include "server/listener.h"
#include "server/log_level.h"
#include "server/notify.h"
#include "server/places.h"
#include "server/watchdog.h"
#include "snapshotter/factory.h"

namespace onggi {
namespace {

constexpr int kReceiveLimit = 16 << 20;
constexpr std::chrono::seconds kStopPatience{5};

NetworkOptions NetworkOptionsOf(const Config& config) {
  NetworkOptions options;
  options.state_dir = config.root + "/network";
  options.conf_dir = config.network.cni_conf_dir;
  options.bin_dirs = config.network.cni_bin_dirs;
  options.builtin = config.network.builtin;
  options.default_conflist = DefaultConflist(config.network.default_subnet);
  options.plugin_timeout = std::chrono::seconds(config.network.cni_timeout_s);
  return options;
}

ImageServiceOptions ImageOptionsOf(const Config& config) {
  ImageServiceOptions options;
  options.root = config.root;
  for (const auto& [host, endpoints] : config.registry_mirrors) {
    for (const MirrorEndpoint& endpoint : endpoints) {
      options.mirrors[host].push_back({endpoint.url, endpoint.skip_verify});
    }
  }
  options.certs_dir = config.image.certs_dir;
  options.pinned = config.image.pinned;
  options.no_progress_timeout = std::chrono::seconds(config.image.no_progress_timeout_s);
  options.max_parallel_layers = static_cast<int>(config.image.max_parallel_layers);
  return options;
}

EngineOptions EngineOptionsOf(const Config& config, std::string runtime) {
  EngineOptions options;
  options.root = config.root;
  options.state = config.state;
  options.runtime_binary = std::move(runtime);
  options.systemd_cgroups = config.cgroup.driver == "systemd";
  options.cgroup_root = config.cgroup.parent;
  options.seccomp_profile = config.seccomp_default_profile;
  options.default_capabilities = config.container_default_capabilities;
  options.handlers.push_back({"", ""});
  for (const auto& [name, handler] : config.runtime_handlers) {
    options.handlers.push_back({name, handler.path});
  }
  options.max_log_line = static_cast<size_t>(config.container_log_max_line_bytes);
  return options;
}

}  // namespace

// In the order of their making; destroyed from the last to the first.
struct Daemon::Parts {
  Parts(DaemonOptions daemon_options, Config loaded, FileLock root_lock)
      : options(std::move(daemon_options)), config(std::move(loaded)), lock(std::move(root_lock)) {}

  Result<> OpenRooms();
  Result<> OpenServer();
  void Reload();

  DaemonOptions options;
  const Config config;
  FileLock lock;
  std::unique_ptr<Database> database;
  std::unique_ptr<Snapshotter> snapshotter;
  std::unique_ptr<ImageService> images;
  std::unique_ptr<Network> network;
  std::unique_ptr<Engine> engine;
  CallWatch calls;
  Peers peers;
  std::unique_ptr<Node> node;
  std::unique_ptr<CriRuntimeService> runtime_service;
  std::unique_ptr<CriImageService> image_service;
  std::unique_ptr<ImageApi> image_api;
  std::unique_ptr<ContainerApi> container_api;
  std::unique_ptr<SystemApi> system_api;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<Listener> listener;
};

Result<> Daemon::Parts::OpenRooms() {
  TRY_ASSIGN(std::string runtime, FindRuntime(config.runtime_path));
  TRY_ASSIGN(database, Database::Open(config.root + "/onggi.db"));
  TRY_ASSIGN(snapshotter, OpenSnapshotter(config.image.snapshotter, config.root, *database));
  TRY_ASSIGN(images, ImageService::Open(ImageOptionsOf(config), *database, *snapshotter));
  TRY_ASSIGN(network, Network::Open(NetworkOptionsOf(config)));
  TRY_ASSIGN(engine, Engine::Open(EngineOptionsOf(config, std::move(runtime)), *database,
                                  *snapshotter, *images, *network));
  return Ok();
}

Result<> Daemon::Parts::OpenServer() {
  node.reset(new Node{config, *engine, *images, *network, *snapshotter, calls, peers});
  runtime_service = std::make_unique<CriRuntimeService>(*node);
  image_service = std::make_unique<CriImageService>(*node);
  image_api = std::make_unique<ImageApi>(*node);
  container_api = std::make_unique<ContainerApi>(*node);
  system_api = std::make_unique<SystemApi>(*node);
  grpc::ServerBuilder builder;
  builder.RegisterService(runtime_service.get());
  builder.RegisterService(image_service.get());
  builder.RegisterService(image_api.get());
  builder.RegisterService(container_api.get());
  builder.RegisterService(system_api.get());
  builder.SetMaxReceiveMessageSize(kReceiveLimit);
  // A call past the last thread is answered ResourceExhausted: no queue grows without bound.
  grpc::ResourceQuota quota("onggid");
  quota.SetMaxThreads(static_cast<int>(config.server_max_threads));
  builder.SetResourceQuota(quota);
  // Threads that wait for calls are kept, since making one costs more than most calls.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 4);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 16);
  server = builder.BuildAndStart();
  if (!server) return Internal("gRPC can't start its server");
  TRY_ASSIGN(Listener opened, Listener::Open(config.socket, config.socket_group));
  listener = std::make_unique<Listener>(std::move(opened));
  return Ok();
}

void Daemon::Parts::Reload() {
  NotifyReloading();
  Result<Config> loaded = LoadConfig(options.config_file, options.config_must_exist);
  if (!loaded) {
    LOG(kError, "the configuration has an error: nothing is changed",
        {"error", loaded.error().message()});
  } else {
    SetLogLevel(LogLevelOf(loaded->log_level));
    Config same = config;
    same.log_level = loaded->log_level;
    if (!(same == *loaded)) {
      LOG(kWarn, "changed keys need a restart", {"keys", Join(ChangedKeys(same, *loaded), ",")});
    }
  }
  Result<> network_read = network->Reload();
  if (!network_read) {
    LOG(kError, "the network configuration has an error",
        {"error", network_read.error().message()});
  }
  LOG(kInfo, "reloaded");
  NotifyReady("serving on " + config.socket);
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::Start(const DaemonOptions& options, Config config) {
  TRY_ASSIGN(FileLock lock, PrepareDirectories(config));
  auto parts = std::make_unique<Parts>(options, std::move(config), std::move(lock));
  TRY(parts->OpenRooms());
  TRY(parts->OpenServer());
  return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

void Daemon::Run() {
  std::thread accepting([this] { parts_->listener->Run(*parts_->server, parts_->peers); });
  {
    Watchdog watchdog(*parts_->server);
    LOG(kInfo, "serving", {"version", ONGGI_VERSION}, {"socket", parts_->config.socket},
        {"pods", parts_->engine->ListPodsShared({}).size()});
    NotifyReady("serving on " + parts_->config.socket);
    sigset_t signals;
    sigemptyset(&signals);
    for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    while (true) {
      int signal = sigwaitinfo(&signals, nullptr);
      if (signal == SIGHUP) parts_->Reload();
      if (signal == SIGTERM || signal == SIGINT) break;
    }
  }
  LOG(kInfo, "stopping: pods live on");
  NotifyStopping();
  parts_->listener->Stop();
  accepting.join();
  // Event streams would else last as long as their clients.
  parts_->engine->events().Close();
  parts_->server->Shutdown(std::chrono::system_clock::now() + kStopPatience);
}

}  // namespace onggi
