// CreateContainer: everything is resolved here, so that what is wrong lands here; then the first
// process stands right before execve, or nothing of the container stays.
#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <mutex>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/id.h"
#include "base/strings.h"
#include "engine/cdi/cdi.h"
#include "engine/container/capabilities.h"
#include "engine/container/create_parts.h"
#include "engine/container/mount_table.h"
#include "engine/container/process_args.h"
#include "engine/container/validate_container.h"
#include "engine/engine_impl.h"
#include "engine/fail_point.h"
#include "runtime/spec/parse.h"

namespace onggi {
namespace {

int StopSignalOf(const ContainerConfig& config, const ImageConfig& image) {
  if (config.stop_signal != 0) return config.stop_signal;
  int signal = ParseSignal(image.stop_signal);
  return signal != 0 ? signal : 15;
}

std::string LogPathOf(const PodConfig& pod, const ContainerConfig& config) {
  if (pod.log_directory.empty() || config.log_path.empty()) return "";
  return pod.log_directory + "/" + config.log_path;
}

std::string ImageRefOf(const Image& image) {
  return image.repo_digests.empty() ? image.id : image.repo_digests.front();
}

ContainerUser StatusUser(const spec::User& user) {
  ContainerUser out;
  out.uid = user.uid;
  out.gid = user.gid;
  out.supplemental_groups.assign(user.additional_gids.begin(), user.additional_gids.end());
  return out;
}

// The stored specification goes without its seccomp profile: it is large, and made again from the
// configuration when somebody asks for it.
std::string StoredSpec(spec::Spec& spec) {
  std::optional<spec::Seccomp> seccomp = std::exchange(spec.linux_.seccomp, std::nullopt);
  std::string text = spec::FormatSpec(spec);
  spec.linux_.seccomp = std::move(seccomp);
  return text;
}

// The monitor lives in the pod's namespaces: its children need not be told where they are.
void DropNamespacePaths(spec::Spec& spec) {
  for (spec::Namespace& space : spec.linux_.namespaces) space.path.clear();
}

}  // namespace

std::string ContainerKey(const std::string& pod_id, const ContainerMetadata& metadata) {
  return pod_id + ":" + std::to_string(metadata.attempt) + ":" + metadata.name;
}

Result<std::string> EngineImpl::CreateContainer(const std::string& pod_id,
                                                const ContainerConfig& config,
                                                const CancelToken& cancel) {
  TRY_ASSIGN(std::shared_ptr<Pod> pod, registry_.FindPod(pod_id));
  TRY(ValidateContainer(config, pod->Status()->config));
  std::string key = ContainerKey(pod->id(), config.metadata);
  TRY_ASSIGN(NameTable::Ticket ticket, container_names_.Join(key, cancel));
  if (!ticket.owner()) {
    TRY_ASSIGN(std::shared_ptr<Container> there, registry_.FindContainer(ticket.id()));
    if (there->Status()->state == ContainerState::kCreated) return ticket.id();
    return AlreadyExists("container " + config.metadata.name + " of this attempt was started (" +
                         ticket.id() + "): remove it first or raise the attempt");
  }
  TRY_ASSIGN(std::string id,
             MakeContainer(pod, config, cancel).Wrap("create container " + config.metadata.name));
  ticket.Done(id);
  return id;
}

Result<> EngineImpl::CheckTarget(const NewContainer& made) {
  const NamespaceOptions& ns = made.config.security.namespaces;
  if (ns.pid != NamespaceMode::kTarget) return Ok();
  auto target = registry_.FindContainer(ns.target_id);
  bool good = target && (*target)->pod_id() == made.pod->id() &&
              (*target)->Status()->state == ContainerState::kRunning;
  if (good) return Ok();
  return InvalidArgument(
      "linux.security_context.namespace_options.target_id: " + Quote(ns.target_id) +
      " is not allowed: a running container of the same pod sandbox");
}

Result<> EngineImpl::PrepareRoot(NewContainer& made) {
  TRY(FailPoint("create.snapshot"));
  ContainerStatus& status = made.status;
  made.undo.Add(
      [this, id = status.id, mounts = made.config.mounts.size()] { DropFiles(id, mounts); });
  TRY_ASSIGN(made.rootfs, rooms_.snapshotter->Prepare(status.id, made.image.top_layer));
  // The snapshot holds the image's layers already; the lease holds the image's record.
  TRY(FailPoint("create.lease"));
  return rooms_.images->Lease(status.id, made.image.id);
}

Result<UserDatabase> EngineImpl::UsersOf(const RootfsMount& rootfs) {
  TRY_ASSIGN(ImageRoot root, ImageRoot::Open(rootfs));
  TRY_ASSIGN(std::string passwd, root.ReadFile("/etc/passwd", kUserDatabaseLimit));
  TRY_ASSIGN(std::string group, root.ReadFile("/etc/group", kUserDatabaseLimit));
  return UserDatabase(passwd, group);
}

Result<> EngineImpl::BuildSpecOf(NewContainer& made) {
  TRY(FailPoint("create.spec"));
  std::shared_ptr<const PodStatus> pod = made.pod->Status();
  TRY_ASSIGN(UserDatabase users, UsersOf(made.rootfs));
  SpecInput input;
  TRY_ASSIGN(input.user, ResolveUser(made.config.security, made.image.config.user, users));
  made.status.user = StatusUser(input.user.user);
  input.config = &made.config;
  input.pod = &pod->config;
  input.image = &made.image.config;
  input.rootfs = made.rootfs;
  input.volumes = made.volumes;
  input.pod_files = made.pod->paths().dir;
  input.shm = made.pod->paths().shm;
  input.hostname = pod->config.hostname.empty() ? host_name_ : pod->config.hostname;
  input.cgroup_path = made.status.cgroup_path;
  input.default_capabilities =
      options_.default_capabilities.empty() ? DefaultCapabilities() : options_.default_capabilities;
  input.seccomp_profile = options_.seccomp_profile;
  input.namespace_path = [&](const std::string& type) { return made.monitor->NamespacePath(type); };
  TRY_ASSIGN(made.spec, BuildSpec(input));
  if (!made.config.cdi_devices.empty()) {
    TRY_ASSIGN(CdiRegistry cdi, CdiRegistry::Load(DefaultCdiDirs()));
    TRY(cdi.Inject(made.config.cdi_devices, made.spec));
  }
  return Ok();
}

Result<> EngineImpl::SpawnContainer(NewContainer& made) {
  ContainerStatus& status = made.status;
  TRY(FailPoint("create.cgroup"));
  TRY_ASSIGN(Cgroup cgroup, Cgroup::Create(status.cgroup_path));
  made.undo.Add([cgroup] {
    (void)cgroup.KillAll();  // best effort: what stays is swept at the next start
    (void)cgroup.Remove();
  });
  TRY(cgroup.Apply(made.spec.linux_.resources));
  ContainerCreate request;
  request.id = status.id;
  request.log_path = status.log_path;
  request.max_log_line = options_.max_log_line;
  request.stdin_open = made.config.stdin_open;
  request.stdin_once = made.config.stdin_once;
  request.cgroup_dirs = cgroup.dirs();
  const NamespaceOptions& ns = made.config.security.namespaces;
  request.host_pid = ns.pid == NamespaceMode::kNode;
  if (ns.pid == NamespaceMode::kTarget) {
    TRY_ASSIGN(std::shared_ptr<Container> target, registry_.FindContainer(ns.target_id));
    request.pid_target = target->id();
  }
  made.stored_spec = StoredSpec(made.spec);
  DropNamespacePaths(made.spec);
  request.spec = std::move(made.spec);
  TRY(FailPoint("create.monitor"));
  made.undo.Add([monitor = made.monitor, id = status.id] {
    (void)monitor->Delete(id);  // best effort: the first error is the one to tell
  });
  TRY_ASSIGN(status.pid, made.monitor->Create(request));
  made.spec = std::move(request.spec);
  made.cgroup = std::make_shared<Cgroup>(std::move(cgroup));
  return Ok();
}

Result<std::string> EngineImpl::MakeContainer(const std::shared_ptr<Pod>& pod,
                                              const ContainerConfig& config,
                                              const CancelToken& cancel) {
  std::shared_lock lock(pod->operation());
  std::shared_ptr<const PodStatus> pod_status = pod->Status();
  NewContainer made;
  made.pod = pod;
  made.monitor = pod->monitor();
  if (pod_status->state != PodState::kReady || !made.monitor) {
    return FailedPrecondition("pod sandbox " + pod->id() + " is not ready");
  }
  made.config = config;
  TRY(CheckTarget(made));
  TRY(CheckSecurityModules(config.security));
  TRY_ASSIGN(made.image, rooms_.images->Find(config.image.image));
  TRY(ResolveMounts(made.config.mounts));
  ContainerStatus& status = made.status;
  status.id = NewId();
  status.pod_id = pod->id();
  status.image_id = made.image.id;
  status.image_ref = ImageRefOf(made.image);
  status.log_path = LogPathOf(pod_status->config, config);
  status.stop_signal = StopSignalOf(config, made.image.config);
  status.snapshot_key = status.id;
  status.cgroup_path = pod_status->cgroup_path + "/" + status.id;
  TRY(PrepareRoot(made));
  TRY(cancel.Check());
  TRY(PrepareVolumes(made));
  TRY(BuildSpecOf(made));
  TRY(cancel.Check());
  TRY(SpawnContainer(made));
  TRY(cancel.Check());
  status.config = std::move(made.config);
  status.state = ContainerState::kCreated;
  status.created_at_ns = WallNanos();
  TRY(FailPoint("create.record"));
  TRY(records_.InsertContainer(status, made.stored_spec));
  made.undo.Commit();

  std::string id = status.id;
  auto container = std::make_shared<Container>(std::move(status));
  container->SetCgroup(std::move(*made.cgroup));
  container->SetProcess(std::move(*made.spec.process));
  registry_.AddContainer(container);
  Tell(Event::Type::kCreated, id, pod->id());
  return id;
}

}  // namespace onggi
