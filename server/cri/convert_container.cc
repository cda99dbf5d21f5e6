#include "server/cri/convert_container.h"

#include "server/cri/convert_mount.h"
#include "server/cri/signal.h"

namespace onggi {
namespace {

ImageSpec ImageSpecFromCri(const cri::ImageSpec& from) {
  return {from.image(), MapFromCri(from.annotations()), from.user_specified_image(),
          from.runtime_handler(), from.image_ref()};
}

void ImageSpecToCri(const ImageSpec& from, cri::ImageSpec* to) {
  to->set_image(from.image);
  MapToCri(from.annotations, to->mutable_annotations());
  to->set_user_specified_image(from.user_specified_image);
  to->set_runtime_handler(from.runtime_handler);
  to->set_image_ref(from.image_ref);
}

Result<SupplementalGroupsPolicy> GroupsPolicyFromCri(cri::SupplementalGroupsPolicy policy) {
  if (policy == cri::Merge) return SupplementalGroupsPolicy::kMerge;
  if (policy == cri::Strict) return SupplementalGroupsPolicy::kStrict;
  return InvalidArgument("supplemental_groups_policy: unknown number " + std::to_string(policy));
}

Result<ContainerSecurity> SecurityFromCri(const cri::LinuxContainerSecurityContext& from) {
  ContainerSecurity to;
  to.add_capabilities = StringsFromCri(from.capabilities().add_capabilities());
  to.drop_capabilities = StringsFromCri(from.capabilities().drop_capabilities());
  to.add_ambient_capabilities = StringsFromCri(from.capabilities().add_ambient_capabilities());
  to.privileged = from.privileged();
  TRY_ASSIGN(to.namespaces, NamespacesFromCri(from.namespace_options()));
  to.selinux = SelinuxFromCri(from.selinux_options());
  if (from.has_run_as_user()) to.run_as_user = from.run_as_user().value();
  if (from.has_run_as_group()) to.run_as_group = from.run_as_group().value();
  to.run_as_username = from.run_as_username();
  to.readonly_rootfs = from.readonly_rootfs();
  to.supplemental_groups = {from.supplemental_groups().begin(), from.supplemental_groups().end()};
  TRY_ASSIGN(to.groups_policy, GroupsPolicyFromCri(from.supplemental_groups_policy()));
  to.no_new_privs = from.no_new_privs();
  to.masked_paths = StringsFromCri(from.masked_paths());
  to.readonly_paths = StringsFromCri(from.readonly_paths());
  TRY_ASSIGN(to.seccomp, ProfileFromCri("seccomp", from.has_seccomp() ? &from.seccomp() : nullptr,
                                        from.seccomp_profile_path()));
  TRY_ASSIGN(to.apparmor,
             ProfileFromCri("apparmor", from.has_apparmor() ? &from.apparmor() : nullptr,
                            from.apparmor_profile()));
  return to;
}

cri::ContainerState StateToCri(ContainerState state) {
  switch (state) {
    case ContainerState::kCreated:
      return cri::CONTAINER_CREATED;
    case ContainerState::kRunning:
      return cri::CONTAINER_RUNNING;
    case ContainerState::kExited:
      return cri::CONTAINER_EXITED;
    case ContainerState::kUnknown:
      return cri::CONTAINER_UNKNOWN;
  }
  return cri::CONTAINER_UNKNOWN;
}

Result<ContainerState> StateFromCri(cri::ContainerState state) {
  switch (state) {
    case cri::CONTAINER_CREATED:
      return ContainerState::kCreated;
    case cri::CONTAINER_RUNNING:
      return ContainerState::kRunning;
    case cri::CONTAINER_EXITED:
      return ContainerState::kExited;
    case cri::CONTAINER_UNKNOWN:
      return ContainerState::kUnknown;
    default:
      return InvalidArgument("filter.state: unknown number " + std::to_string(state));
  }
}

void MetadataToCri(const ContainerMetadata& from, cri::ContainerMetadata* to) {
  to->set_name(from.name);
  to->set_attempt(from.attempt);
}

}  // namespace

Result<ContainerConfig> ContainerConfigFromCri(const cri::ContainerConfig& from) {
  ContainerConfig to;
  to.metadata = {from.metadata().name(), from.metadata().attempt()};
  to.image = ImageSpecFromCri(from.image());
  to.command = StringsFromCri(from.command());
  to.args = StringsFromCri(from.args());
  to.working_dir = from.working_dir();
  for (const cri::KeyValue& row : from.envs()) to.envs.emplace_back(row.key(), row.value());
  for (const cri::Mount& row : from.mounts()) {
    TRY_ASSIGN(ContainerMount mount, MountFromCri(row));
    to.mounts.push_back(std::move(mount));
  }
  for (const cri::Device& row : from.devices()) {
    to.devices.push_back({row.container_path(), row.host_path(), row.permissions()});
  }
  for (const cri::CDIDevice& row : from.cdi_devices()) to.cdi_devices.push_back(row.name());
  to.labels = MapFromCri(from.labels());
  to.annotations = MapFromCri(from.annotations());
  to.log_path = from.log_path();
  to.stdin_open = from.stdin();
  to.stdin_once = from.stdin_once();
  to.tty = from.tty();
  TRY_ASSIGN(to.stop_signal, SignalFromCri(from.stop_signal()));
  to.resources = ResourcesFromCri(from.linux().resources());
  TRY_ASSIGN(to.security, SecurityFromCri(from.linux().security_context()));
  return to;
}

void ContainerToCri(const ContainerStatus& from, cri::Container* to) {
  to->set_id(from.id);
  to->set_pod_sandbox_id(from.pod_id);
  MetadataToCri(from.config.metadata, to->mutable_metadata());
  ImageSpecToCri(from.config.image, to->mutable_image());
  to->set_image_ref(from.image_id);
  to->set_image_id(from.image_id);
  to->set_state(StateToCri(from.state));
  to->set_created_at(from.created_at_ns);
  MapToCri(from.config.labels, to->mutable_labels());
  MapToCri(from.config.annotations, to->mutable_annotations());
}

void ContainerStatusToCri(const ContainerStatus& from, cri::ContainerStatus* to) {
  to->set_id(from.id);
  MetadataToCri(from.config.metadata, to->mutable_metadata());
  to->set_state(StateToCri(from.state));
  to->set_created_at(from.created_at_ns);
  to->set_started_at(from.started_at_ns);
  to->set_finished_at(from.finished_at_ns);
  to->set_exit_code(from.exit_code);
  ImageSpecToCri(from.config.image, to->mutable_image());
  // People read this one: the name that the pod's author wrote, where kubelet sent an id.
  if (!from.config.image.user_specified_image.empty()) {
    to->mutable_image()->set_image(from.config.image.user_specified_image);
  }
  to->set_image_ref(from.image_ref);
  to->set_image_id(from.image_id);
  to->set_reason(from.reason);
  to->set_message(from.message);
  MapToCri(from.config.labels, to->mutable_labels());
  MapToCri(from.config.annotations, to->mutable_annotations());
  for (const ContainerMount& mount : from.config.mounts) MountToCri(mount, to->add_mounts());
  to->set_log_path(from.log_path);
  ResourcesToCri(from.config.resources, to->mutable_resources()->mutable_linux());
  cri::LinuxContainerUser* user = to->mutable_user()->mutable_linux();
  user->set_uid(from.user.uid);
  user->set_gid(from.user.gid);
  for (int64_t group : from.user.supplemental_groups) user->add_supplemental_groups(group);
  to->set_stop_signal(SignalToCri(from.stop_signal));
}

Result<ContainerFilter> ContainerFilterFromCri(const cri::ContainerFilter& from) {
  ContainerFilter to;
  to.id = from.id();
  to.pod_id = from.pod_sandbox_id();
  to.labels = MapFromCri(from.label_selector());
  if (from.has_state()) {
    TRY_ASSIGN(to.state, StateFromCri(from.state().state()));
  }
  return to;
}

ContainerFilter ContainerStatsFilterFromCri(const cri::ContainerStatsFilter& from) {
  ContainerFilter to;
  to.id = from.id();
  to.pod_id = from.pod_sandbox_id();
  to.labels = MapFromCri(from.label_selector());
  return to;
}

}  // namespace onggi
