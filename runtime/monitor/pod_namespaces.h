// PodNamespaces: the namespaces that all containers of a pod share.
//
// The monitor itself moves into the network, ipc and uts namespace of the pod, so that its children
// inherit them. It stays outside the pod's user namespace: with one, a child makes all of them
// inside it (so that it owns them), and the monitor keeps a descriptor for the containers to join.
// The pid namespace of a pod that shares one is held by a process of ours (pod_init.h).
//
// Thread-safety: one thread, and the process must have one. Ownership: descriptors, the pins in the
// pin directory, and the pod's init. Blocks on the kernel and on the short-lived child.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/client/monitor_client.h"
#include "runtime/kernel/procfs.h"

namespace onggi {

class PodNamespaces {
 public:
  // Makes them, writes host name and sysctls inside, and pins them.
  static Result<PodNamespaces> Make(const MonitorOptions& options, const Procfs& procfs);

  PodNamespaces(PodNamespaces&&) = default;
  PodNamespaces& operator=(PodNamespaces&&) = default;

  // By type, as MonitorIdentity has them.
  const std::map<std::string, std::string>& paths() const { return paths_; }
  // For containers to join; -1 when the pod has none.
  int user_fd() const { return user_.get(); }
  int pid_fd() const { return pid_.get(); }
  // The pod's pid 1 as the monitor's child; -1 without a shared pid namespace.
  pid_t init_pid() const { return init_pid_; }

  // Unmounts the pins and kills the pod's init. What is left lives until its last process ends.
  void Release();

 private:
  PodNamespaces() = default;
  Result<> MakeOutsideUser(const MonitorOptions& options, const Procfs& procfs);
  Result<> MakeInsideUser(const MonitorOptions& options, const Procfs& procfs);
  Result<> Adopt(pid_t child, uint64_t flags);
  Result<> Pin(const std::string& directory);

  std::map<std::string, std::string> paths_;
  std::vector<std::string> pins_;
  UniqueFd user_;
  UniqueFd pid_;
  pid_t init_pid_ = -1;
};

}  // namespace onggi
