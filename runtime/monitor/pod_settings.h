// The host name and the sysctls of a pod, written by a process that is in the pod's namespaces.
//
// Thread-safety: free functions. Privilege: root of the user namespace that owns them.
#pragma once

#include "base/result.h"
#include "runtime/client/monitor_client.h"
#include "runtime/kernel/procfs.h"

namespace onggi {

// CLONE_NEW* of the network, ipc and uts namespaces that the pod owns.
uint64_t PodNamespaceFlags(const MonitorOptions& options);

// InvalidArgument for a sysctl that no namespace of the pod confines: it would be the node's.
Result<> CheckPodSysctl(const std::string& name, const MonitorOptions& options);

Result<> ApplyPodSettings(const MonitorOptions& options, const Procfs& procfs);

}  // namespace onggi
