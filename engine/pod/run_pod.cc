// RunPod: the pod sandbox comes up, or nothing of it stays.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/id.h"
#include "engine/engine_impl.h"
#include "engine/fail_point.h"
#include "engine/pod/intent.h"
#include "engine/pod/pod_files.h"
#include "engine/pod/validate_pod.h"

namespace onggi {

struct EngineImpl::NewPod {
  PodStatus status;
  PodPaths paths;
  std::shared_ptr<MonitorClient> monitor;
  std::string hostname;
  std::vector<std::string> network_dns;
  std::future<Result<>> beside;  // what goes on while the monitor starts
  Rollback undo;
};

namespace {

bool OwnNetwork(const PodConfig& config) {
  return config.namespaces.network == NamespaceMode::kPod;
}

bool OwnUsers(const PodConfig& config) {
  return config.namespaces.user && config.namespaces.user->mode == NamespaceMode::kPod;
}

// Containers may open low ports and send pings without a capability, as in the other engines.
StringMap SysctlsOf(const PodConfig& config) {
  StringMap sysctls = config.sysctls;
  if (!OwnNetwork(config) || OwnUsers(config)) return sysctls;
  sysctls.emplace("net.ipv4.ip_unprivileged_port_start", "0");
  sysctls.emplace("net.ipv4.ping_group_range", "0 2147483647");
  return sysctls;
}

MonitorOptions MonitorOptionsOf(const EngineOptions& engine, const PodConfig& config,
                                const PodPaths& paths) {
  MonitorOptions options;
  options.binary = engine.runtime_binary;
  options.directory = paths.monitor;
  options.pin_directory = paths.pins;
  options.network = options.uts = OwnNetwork(config);
  options.ipc = config.namespaces.ipc == NamespaceMode::kPod;
  options.shared_pid = config.namespaces.pid == NamespaceMode::kPod;
  if (OwnUsers(config)) {
    options.uid_mappings = config.namespaces.user->uids;
    options.gid_mappings = config.namespaces.user->gids;
  }
  options.sysctls = SysctlsOf(config);
  return options;
}

// The cgroup and the tmpfs need nothing of the monitor.
Result<> PrepareBeside(const PodConfig& config, const std::string& cgroup_path,
                       const PodPaths& paths) {
  TRY(FailPoint("run-pod.cgroup"));
  TRY_ASSIGN(Cgroup cgroup, Cgroup::Create(cgroup_path));
  // A pod under an orchestrator's parent is limited there; ours is only a place in it.
  if (config.cgroup_parent.empty()) TRY(cgroup.Apply(ToSpecResources(config.resources)));
  TRY(FailPoint("run-pod.shm"));
  if (config.namespaces.ipc != NamespaceMode::kPod) return Ok();
  return MountShm(paths.shm, config);
}

Result<> MakePodDirs(const PodPaths& paths, const PodConfig& config) {
  // Containers with a user namespace of their own reach the files through this directory.
  mode_t mode = OwnUsers(config) ? 0711 : 0700;
  if (mkdir(paths.dir.c_str(), mode) != 0) return SysError("mkdir " + paths.dir);
  for (const std::string& dir : {paths.monitor, paths.pins}) {
    if (mkdir(dir.c_str(), 0700) != 0) return SysError("mkdir " + dir);
  }
  return Ok();
}

}  // namespace

std::string PodKey(const PodMetadata& m) {
  std::string key;
  for (const std::string& part : {m.name, m.name_space, m.uid, std::to_string(m.attempt)}) {
    key += std::to_string(part.size()) + ":" + part;
  }
  return key;
}

Result<std::string> EngineImpl::RunPod(const PodConfig& config, const CancelToken& cancel) {
  TRY(ValidatePod(config, handler_names_, options_.systemd_cgroups));
  TRY_ASSIGN(NameTable::Ticket ticket, pod_names_.Join(PodKey(config.metadata), cancel));
  if (!ticket.owner()) {
    TRY_ASSIGN(std::shared_ptr<Pod> pod, registry_.FindPod(ticket.id()));
    if (pod->Status()->state == PodState::kReady) return ticket.id();
    return AlreadyExists("pod sandbox " + config.metadata.name + " of this attempt is stopped (" +
                         ticket.id() + "): remove it first or raise the attempt");
  }
  TRY_ASSIGN(std::string id,
             MakePod(config, cancel).Wrap("run pod sandbox " + config.metadata.name));
  ticket.Done(id);
  return id;
}

Result<> EngineImpl::StartMonitor(NewPod& pod) {
  TRY(FailPoint("run-pod.monitor"));
  MonitorOptions options = MonitorOptionsOf(options_, pod.status.config, pod.paths);
  options.hostname = pod.hostname;
  TRY_ASSIGN(std::unique_ptr<MonitorClient> monitor, MonitorClient::Spawn(options));
  pod.monitor = std::move(monitor);
  pod.undo.Add([client = pod.monitor] { (void)client->Shutdown(); });  // the first error is told
  pod.status.monitor_pid = pod.monitor->pid();
  if (OwnNetwork(pod.status.config)) {
    pod.status.netns_path = pod.monitor->NamespacePath("network");
  }
  return Ok();
}

PodNetworkRequest EngineImpl::NetworkRequest(const PodStatus& status) const {
  const PodConfig& config = status.config;
  PodNetworkRequest request;
  request.pod_id = status.id;
  request.name = config.metadata.name;
  request.name_space = config.metadata.name_space;
  request.uid = config.metadata.uid;
  request.netns_path = status.netns_path;
  request.port_mappings = config.port_mappings;
  request.cgroup_path = status.cgroup_path;
  if (config.dns) {
    request.dns_servers = config.dns->servers;
    request.dns_searches = config.dns->searches;
    request.dns_options = config.dns->options;
  }
  request.aliases = config.network_aliases;
  request.network = config.network;
  return request;
}

Result<> EngineImpl::AttachNetwork(NewPod& pod, const CancelToken& cancel) {
  if (!OwnNetwork(pod.status.config)) return Ok();
  TRY(FailPoint("run-pod.network"));
  PodNetworkRequest request = NetworkRequest(pod.status);
  request.cancel = cancel;
  TRY_ASSIGN(PodNetwork network, rooms_.network->Attach(request));
  pod.undo.Add([this, request] { (void)rooms_.network->Detach(request); });  // as above
  pod.status.ips = std::move(network.ips);
  pod.status.network_result = std::move(network.result_json);
  pod.network_dns = std::move(network.dns_servers);
  return Ok();
}

Result<std::string> EngineImpl::MakePod(const PodConfig& config, const CancelToken& cancel) {
  NewPod made;
  made.status.id = NewId();
  made.status.config = config;
  made.paths = PathsOf(options_.state, made.status.id);
  made.hostname = config.hostname.empty() ? host_name_ : config.hostname;
  std::string parent = config.cgroup_parent.empty() ? options_.cgroup_root : config.cgroup_parent;
  if (parent.front() != '/') parent.insert(0, "/");
  while (parent.size() > 1 && parent.back() == '/') parent.pop_back();
  made.status.cgroup_path = (parent == "/" ? "" : parent) + "/" + made.status.id;

  made.undo.Add([this, paths = made.paths, cgroup = made.status.cgroup_path] {
    (void)CleanPod(paths,
                   cgroup);  // the first error is told; what stays is swept at the next start
  });
  TRY(FailPoint("run-pod.directory"));
  TRY(MakePodDirs(made.paths, config));
  TRY(WriteIntent(made.paths.intent, {made.status.id, made.status.cgroup_path}));

  auto task = std::make_shared<std::packaged_task<Result<>()>>(
      [&made] { return PrepareBeside(made.status.config, made.status.cgroup_path, made.paths); });
  made.beside = task->get_future();
  pool_.Submit([task] { (*task)(); });
  // The task uses what stands on this stack: it is waited for on every way out.
  struct Join {
    std::future<Result<>>& task;
    ~Join() {
      if (task.valid()) task.wait();
    }
  } join{made.beside};
  PodStatus& status = made.status;
  TRY(StartMonitor(made));
  TRY(cancel.Check());
  TRY(AttachNetwork(made, cancel));
  TRY(WritePodFiles(made.paths.dir, config, {made.hostname, status.ips, made.network_dns}));
  TRY(made.beside.get());
  TRY(cancel.Check());
  status.state = PodState::kReady;
  status.created_at_ns = WallNanos();
  TRY(FailPoint("run-pod.record"));
  TRY(records_.InsertPod(status));
  made.undo.Commit();

  std::string id = status.id;
  auto pod = std::make_shared<Pod>(std::move(status), made.paths);
  pod->SetMonitor(made.monitor);
  registry_.AddPod(pod);
  WatchMonitor(pod);
  Tell(Event::Type::kCreated, id, id);
  Tell(Event::Type::kStarted, id, id);
  return id;
}

void EngineImpl::WatchMonitor(const std::shared_ptr<Pod>& pod) {
  std::shared_ptr<MonitorClient> monitor = pod->monitor();
  monitor->OnExit([this, id = pod->id()](const ContainerExit& exit) { PostExit({id, exit}); });
  monitor->OnGone([this, id = pod->id()] { PostExit({id, std::nullopt}); });
}

}  // namespace onggi
