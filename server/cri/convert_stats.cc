#include "server/cri/convert_stats.h"

#include <algorithm>

namespace onggi {
namespace {

void PsiDataToCri(const PsiData& from, cri::PsiData* to) {
  to->set_total(from.total_ns);
  to->set_avg10(from.avg10);
  to->set_avg60(from.avg60);
  to->set_avg300(from.avg300);
}

void PsiToCri(const PsiStats& from, cri::PsiStats* to) {
  PsiDataToCri(from.some, to->mutable_some());
  PsiDataToCri(from.full, to->mutable_full());
}

void CpuToCri(const CpuStats& from, int64_t timestamp_ns, cri::CpuUsage* to) {
  to->set_timestamp(timestamp_ns);
  to->mutable_usage_core_nano_seconds()->set_value(from.usage_core_ns);
  to->mutable_usage_nano_cores()->set_value(from.usage_nano_cores);
  if (from.psi) PsiToCri(*from.psi, to->mutable_psi());
}

void MemoryToCri(const MemoryStats& from, int64_t timestamp_ns, cri::MemoryUsage* to) {
  to->set_timestamp(timestamp_ns);
  to->mutable_working_set_bytes()->set_value(from.working_set_bytes);
  if (from.limit_bytes != 0) {
    uint64_t used = std::min(from.working_set_bytes, from.limit_bytes);
    to->mutable_available_bytes()->set_value(from.limit_bytes - used);
  }
  to->mutable_usage_bytes()->set_value(from.usage_bytes);
  to->mutable_rss_bytes()->set_value(from.rss_bytes);
  to->mutable_page_faults()->set_value(from.page_faults);
  to->mutable_major_page_faults()->set_value(from.major_page_faults);
  if (from.psi) PsiToCri(*from.psi, to->mutable_psi());
}

void IoToCri(const IoStats& from, int64_t timestamp_ns, cri::IoUsage* to) {
  to->set_timestamp(timestamp_ns);
  if (from.psi) PsiToCri(*from.psi, to->mutable_psi());
}

void SwapToCri(const MemoryStats& from, int64_t timestamp_ns, cri::SwapUsage* to) {
  to->set_timestamp(timestamp_ns);
  to->mutable_swap_usage_bytes()->set_value(from.swap_usage_bytes);
  if (from.swap_limit_bytes == 0) return;
  uint64_t used = std::min(from.swap_usage_bytes, from.swap_limit_bytes);
  to->mutable_swap_available_bytes()->set_value(from.swap_limit_bytes - used);
}

void InterfaceToCri(const InterfaceStats& from, cri::NetworkInterfaceUsage* to) {
  to->set_name(from.name);
  to->mutable_rx_bytes()->set_value(from.rx_bytes);
  to->mutable_rx_errors()->set_value(from.rx_errors);
  to->mutable_tx_bytes()->set_value(from.tx_bytes);
  to->mutable_tx_errors()->set_value(from.tx_errors);
}

void NetworkToCri(const PodStats& from, cri::NetworkUsage* to) {
  to->set_timestamp(from.timestamp_ns);
  if (from.interfaces.empty()) return;
  InterfaceToCri(from.interfaces[0], to->mutable_default_interface());
  // The others stand in the list; the default one is not repeated there.
  for (size_t i = 1; i < from.interfaces.size(); ++i) {
    InterfaceToCri(from.interfaces[i], to->add_interfaces());
  }
}

}  // namespace

void ContainerStatsToCri(const ContainerStats& from, cri::ContainerStats* to) {
  const ContainerStatus& container = from.container;
  cri::ContainerAttributes* attributes = to->mutable_attributes();
  attributes->set_id(container.id);
  attributes->mutable_metadata()->set_name(container.config.metadata.name);
  attributes->mutable_metadata()->set_attempt(container.config.metadata.attempt);
  MapToCri(container.config.labels, attributes->mutable_labels());
  MapToCri(container.config.annotations, attributes->mutable_annotations());
  CpuToCri(from.cpu, from.timestamp_ns, to->mutable_cpu());
  MemoryToCri(from.memory, from.timestamp_ns, to->mutable_memory());
  SwapToCri(from.memory, from.timestamp_ns, to->mutable_swap());
  IoToCri(from.io, from.timestamp_ns, to->mutable_io());
  cri::FilesystemUsage* layer = to->mutable_writable_layer();
  layer->set_timestamp(from.timestamp_ns);
  layer->mutable_fs_id()->set_mountpoint(from.writable_layer_mountpoint);
  layer->mutable_used_bytes()->set_value(from.writable_layer_bytes);
  layer->mutable_inodes_used()->set_value(from.writable_layer_inodes);
}

void PodStatsToCri(const PodStats& from, cri::PodSandboxStats* to) {
  const PodStatus& pod = from.pod;
  cri::PodSandboxAttributes* attributes = to->mutable_attributes();
  attributes->set_id(pod.id);
  attributes->mutable_metadata()->set_name(pod.config.metadata.name);
  attributes->mutable_metadata()->set_uid(pod.config.metadata.uid);
  attributes->mutable_metadata()->set_namespace_(pod.config.metadata.name_space);
  attributes->mutable_metadata()->set_attempt(pod.config.metadata.attempt);
  MapToCri(pod.config.labels, attributes->mutable_labels());
  MapToCri(pod.config.annotations, attributes->mutable_annotations());
  cri::LinuxPodSandboxStats* linux_stats = to->mutable_linux();
  CpuToCri(from.cpu, from.timestamp_ns, linux_stats->mutable_cpu());
  MemoryToCri(from.memory, from.timestamp_ns, linux_stats->mutable_memory());
  NetworkToCri(from, linux_stats->mutable_network());
  linux_stats->mutable_process()->set_timestamp(from.timestamp_ns);
  linux_stats->mutable_process()->mutable_process_count()->set_value(from.processes);
  IoToCri(from.io, from.timestamp_ns, linux_stats->mutable_io());
  for (const ContainerStats& container : from.containers) {
    ContainerStatsToCri(container, linux_stats->add_containers());
  }
}

}  // namespace onggi
