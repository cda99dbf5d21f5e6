// Container: one container as the engine works on it: its published status, who waits for its end,
// and how its stop is going.
//
// Locks: `operation` orders start, update, pause and remove; a stop does not take it, so that a
// second stop can shorten the first. The rest is guarded by the object's own mutex, which is never
// held while the kernel, the store or the monitor is asked.
//
// Thread-safety: all methods from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "base/mutex.h"
#include "engine/container/container_config.h"
#include "runtime/client/cgroup.h"
#include "runtime/client/monitor_client.h"
#include "runtime/spec/spec.h"

namespace onggi {

class Container {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Container(ContainerStatus status)
      : id_(status.id),
        pod_id_(status.pod_id),
        status_(std::make_shared<const ContainerStatus>(std::move(status))) {}

  const std::string& id() const { return id_; }
  const std::string& pod_id() const { return pod_id_; }

  std::shared_ptr<const ContainerStatus> Status() const {
    MutexLock lock(mutex_);
    return status_;
  }
  // CHANGE works on a copy of the newest status; what it leaves is published, and who waits for the
  // end is woken. When it answers false nothing is published. The newest status.
  std::shared_ptr<const ContainerStatus> Modify(
      const std::function<bool(ContainerStatus&)>& change);

  // Blocks until it has ended: true. False when DEADLINE passed or CANCEL was asked.
  bool WaitExited(std::optional<TimePoint> deadline, const CancelToken& cancel);

  // A start in flight keeps the exit for itself, so that "started" is told before "stopped".
  void BeginStart();
  // Keeps EXIT for FinishStart when a start is in flight: true.
  bool HoldExit(const ContainerExit& exit);
  std::optional<ContainerExit> FinishStart();

  // Stopping. One caller sends the signal, the earliest deadline of all callers kills.
  bool ClaimSignal();
  void ShortenDeadline(TimePoint deadline);
  enum class StopStep { kExited, kKill, kTimeout };
  // Waits for the end, for the moment to kill (told to one caller only), or until GIVE_UP after the
  // kill.
  StopStep WaitStopStep(std::chrono::seconds give_up, const CancelToken& cancel);

  Mutex& operation() { return operation_; }

  // Set once before the container is published.
  void SetCgroup(Cgroup cgroup) { cgroup_ = std::make_shared<const Cgroup>(std::move(cgroup)); }
  const std::shared_ptr<const Cgroup>& cgroup() const { return cgroup_; }
  void SetProcess(spec::Process process) {
    MutexLock lock(mutex_);
    process_ = std::make_shared<const spec::Process>(std::move(process));
  }
  // Null after a restart of the daemon, until it is read from the store.
  std::shared_ptr<const spec::Process> process() const {
    MutexLock lock(mutex_);
    return process_;
  }

 private:
  const std::string id_;
  const std::string pod_id_;
  Mutex operation_;
  std::shared_ptr<const Cgroup> cgroup_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<const ContainerStatus> status_ GUARDED_BY(mutex_);
  std::shared_ptr<const spec::Process> process_ GUARDED_BY(mutex_);
  bool starting_ GUARDED_BY(mutex_) = false;
  std::optional<ContainerExit> held_exit_ GUARDED_BY(mutex_);
  bool signalled_ GUARDED_BY(mutex_) = false;
  bool killed_ GUARDED_BY(mutex_) = false;
  TimePoint kill_at_ GUARDED_BY(mutex_) = TimePoint::max();
  TimePoint killed_at_ GUARDED_BY(mutex_);
};

}  // namespace onggi
