// The files that every container of a pod sees: /etc/hosts, /etc/hostname, /etc/resolv.conf, and
// its /dev/shm. They live in the pod's directory on the state file system.
//
// Thread-safety: free functions. Blocks on tmpfs only, but for the host's resolv.conf.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/pod/pod_config.h"

namespace onggi {

std::string HostsText(const std::string& hostname, const std::vector<std::string>& ips,
                      const std::vector<std::string>& extra_hosts);
std::string ResolvText(const DnsConfig& dns);

struct PodFiles {
  std::string hostname;
  std::vector<std::string> ips;
  std::vector<std::string> network_dns;  // what the network offers when the pod asks for nothing
};
// Writes the three into DIR.
Result<> WritePodFiles(const std::string& dir, const PodConfig& config, const PodFiles& files);

// A tmpfs of its own at PATH (made), so that its size is bounded; mode 1777.
Result<> MountShm(const std::string& path, const PodConfig& config);
// Detaches what is mounted at PATH; nothing there is success.
Result<> DetachMount(const std::string& path);

}  // namespace onggi
