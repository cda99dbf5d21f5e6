#include "server/cri/convert_pod.h"

#include <cstdint>

namespace onggi {
namespace {

Result<uint16_t> PortFromCri(const char* field, int32_t port) {
  if (port < 0 || port > UINT16_MAX) {
    return InvalidArgument(std::string("port_mappings.") + field + ": expected 0 to 65535, found " +
                           std::to_string(port));
  }
  return static_cast<uint16_t>(port);
}

Result<PortMapping> PortMappingFromCri(const cri::PortMapping& from) {
  PortMapping to;
  switch (from.protocol()) {
    case cri::TCP:
      to.protocol = PortMapping::Protocol::kTcp;
      break;
    case cri::UDP:
      to.protocol = PortMapping::Protocol::kUdp;
      break;
    case cri::SCTP:
      to.protocol = PortMapping::Protocol::kSctp;
      break;
    default:
      return InvalidArgument("port_mappings.protocol: unknown number " +
                             std::to_string(from.protocol()));
  }
  TRY_ASSIGN(to.container_port, PortFromCri("container_port", from.container_port()));
  TRY_ASSIGN(to.host_port, PortFromCri("host_port", from.host_port()));
  to.host_ip = from.host_ip();
  return to;
}

Result<> SecurityFromCri(const cri::LinuxSandboxSecurityContext& from, PodConfig& to) {
  TRY_ASSIGN(to.namespaces, NamespacesFromCri(from.namespace_options()));
  to.selinux = SelinuxFromCri(from.selinux_options());
  if (from.has_run_as_user()) to.run_as_user = from.run_as_user().value();
  if (from.has_run_as_group()) to.run_as_group = from.run_as_group().value();
  to.readonly_rootfs = from.readonly_rootfs();
  to.supplemental_groups = {from.supplemental_groups().begin(), from.supplemental_groups().end()};
  to.privileged = from.privileged();
  return Ok();
}

Result<> LinuxFromCri(const cri::LinuxPodSandboxConfig& from, PodConfig& to) {
  to.cgroup_parent = from.cgroup_parent();
  to.sysctls = MapFromCri(from.sysctls());
  to.overhead = ResourcesFromCri(from.overhead());
  to.resources = ResourcesFromCri(from.resources());
  return SecurityFromCri(from.security_context(), to);
}

void MetadataToCri(const PodMetadata& from, cri::PodSandboxMetadata* to) {
  to->set_name(from.name);
  to->set_uid(from.uid);
  to->set_namespace_(from.name_space);
  to->set_attempt(from.attempt);
}

cri::PodSandboxState StateToCri(PodState state) {
  return state == PodState::kReady ? cri::SANDBOX_READY : cri::SANDBOX_NOTREADY;
}

}  // namespace

Result<PodConfig> PodConfigFromCri(const cri::PodSandboxConfig& from,
                                   const std::string& runtime_handler) {
  PodConfig to;
  to.metadata = {from.metadata().name(), from.metadata().uid(), from.metadata().namespace_(),
                 from.metadata().attempt()};
  to.hostname = from.hostname();
  to.log_directory = from.log_directory();
  if (from.has_dns_config()) {
    to.dns = DnsConfig{StringsFromCri(from.dns_config().servers()),
                       StringsFromCri(from.dns_config().searches()),
                       StringsFromCri(from.dns_config().options())};
  }
  for (const cri::PortMapping& row : from.port_mappings()) {
    TRY_ASSIGN(PortMapping mapping, PortMappingFromCri(row));
    to.port_mappings.push_back(std::move(mapping));
  }
  to.labels = MapFromCri(from.labels());
  to.annotations = MapFromCri(from.annotations());
  to.runtime_handler = runtime_handler;
  TRY(LinuxFromCri(from.linux(), to));
  return to;
}

void PodToCri(const PodStatus& from, cri::PodSandbox* to) {
  to->set_id(from.id);
  MetadataToCri(from.config.metadata, to->mutable_metadata());
  to->set_state(StateToCri(from.state));
  to->set_created_at(from.created_at_ns);
  MapToCri(from.config.labels, to->mutable_labels());
  MapToCri(from.config.annotations, to->mutable_annotations());
  to->set_runtime_handler(from.config.runtime_handler);
}

void PodStatusToCri(const PodStatus& from, cri::PodSandboxStatus* to) {
  to->set_id(from.id);
  MetadataToCri(from.config.metadata, to->mutable_metadata());
  to->set_state(StateToCri(from.state));
  to->set_created_at(from.created_at_ns);
  // Present also without an address: kubelet reads an absent one as "no network status".
  cri::PodSandboxNetworkStatus* network = to->mutable_network();
  for (size_t i = 0; i < from.ips.size(); ++i) {
    if (i == 0) {
      network->set_ip(from.ips[i]);
    } else {
      network->add_additional_ips()->set_ip(from.ips[i]);
    }
  }
  NamespacesToCri(from.config.namespaces,
                  to->mutable_linux()->mutable_namespaces()->mutable_options());
  MapToCri(from.config.labels, to->mutable_labels());
  MapToCri(from.config.annotations, to->mutable_annotations());
  to->set_runtime_handler(from.config.runtime_handler);
}

Result<PodFilter> PodFilterFromCri(const cri::PodSandboxFilter& from) {
  PodFilter to;
  to.id = from.id();
  to.labels = MapFromCri(from.label_selector());
  if (!from.has_state()) return to;
  switch (from.state().state()) {
    case cri::SANDBOX_READY:
      to.state = PodState::kReady;
      return to;
    case cri::SANDBOX_NOTREADY:
      to.state = PodState::kNotReady;
      return to;
    default:
      return InvalidArgument("filter.state: unknown number " +
                             std::to_string(from.state().state()));
  }
}

PodFilter PodStatsFilterFromCri(const cri::PodSandboxStatsFilter& from) {
  PodFilter to;
  to.id = from.id();
  to.labels = MapFromCri(from.label_selector());
  return to;
}

}  // namespace onggi
