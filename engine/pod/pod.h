// Pod: one pod sandbox as the engine works on it: its published status, its monitor, its lock.
//
// Locks: `operation` orders what changes the pod: creating and starting containers hold it shared,
// stopping and removing exclusively. The status has a lock of its own that is only held to copy a
// pointer, so a list never waits for an operation.
//
// Thread-safety: all methods from any thread.
#pragma once

#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>

#include "base/mutex.h"
#include "engine/pod/pod_config.h"
#include "runtime/client/monitor_client.h"

namespace onggi {

// Where a pod keeps its things on the state file system. The name is half of the id, so that the
// socket's path stays below the 107 bytes of sockaddr_un.
struct PodPaths {
  std::string dir;      // holds hosts, hostname, resolv.conf, and what follows
  std::string monitor;  // the monitor's directory
  std::string pins;     // bind mounts of the pod's namespaces
  std::string shm;      // mount point of its /dev/shm
  std::string intent;   // file: what to undo when there is no record
};
inline std::string PodsDir(const std::string& state) {
  return state + "/p";
}
inline PodPaths PathsOf(const std::string& state, const std::string& id) {
  std::string dir = PodsDir(state) + "/" + id.substr(0, 32);
  return {dir, dir + "/m", dir + "/ns", dir + "/shm", dir + "/intent"};
}

class Pod {
 public:
  Pod(PodStatus status, PodPaths paths)
      : id_(status.id),
        paths_(std::move(paths)),
        status_(std::make_shared<const PodStatus>(std::move(status))) {}

  const std::string& id() const { return id_; }
  const PodPaths& paths() const { return paths_; }

  std::shared_ptr<const PodStatus> Status() const {
    MutexLock lock(mutex_);
    return status_;
  }
  // CHANGE works on a copy of the newest status, which is published. The newest status.
  std::shared_ptr<const PodStatus> Modify(const std::function<void(PodStatus&)>& change) {
    MutexLock lock(mutex_);
    auto next = std::make_shared<PodStatus>(*status_);
    change(*next);
    status_ = next;
    return next;
  }

  // Null once it is stopped or its monitor is gone.
  std::shared_ptr<MonitorClient> monitor() const {
    MutexLock lock(mutex_);
    return monitor_;
  }
  void SetMonitor(std::shared_ptr<MonitorClient> monitor) {
    MutexLock lock(mutex_);
    monitor_.swap(monitor);
  }

  std::shared_mutex& operation() { return operation_; }

 private:
  const std::string id_;
  const PodPaths paths_;
  std::shared_mutex operation_;
  mutable Mutex mutex_;
  std::shared_ptr<const PodStatus> status_ GUARDED_BY(mutex_);
  std::shared_ptr<MonitorClient> monitor_ GUARDED_BY(mutex_);
};

}  // namespace onggi
