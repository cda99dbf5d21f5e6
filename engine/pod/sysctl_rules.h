// Which sysctls a pod may set: only those that a namespace of its own keeps apart (sysctl(8) files
// of ipc, network, uts and user namespaces). Everything else would change the host.
//
// Thread-safety: free functions.
#pragma once

#include "base/result.h"
#include "engine/pod/pod_config.h"

namespace onggi {

// InvalidArgument naming the sysctl, why, and what is allowed. NAMESPACES is the pod's.
Result<> CheckSysctls(const StringMap& sysctls, const NamespaceOptions& namespaces);

// "net/ipv4/conf/eth0.100/x" and "net.ipv4.ip_forward" both name a sysctl: with dots for slashes,
// as procfs has it below /proc/sys.
std::string SysctlPath(const std::string& name);

}  // namespace onggi
