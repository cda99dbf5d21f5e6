// What the command line keeps of a container between its calls: ROOT/ID/ (mode 0700, on tmpfs).
//   config.json   the bundle's configuration as it was at create; later changes don't matter
//   state.json    written once by create, atomically: who the first process is, where its cgroup is
//   start.sock    the waiting init listens here; removed by start
//
// The status is never stored: it is read from the kernel. The process is alive when its pid still
// has the start time that was recorded (a reused pid has not); it is "created" while start.sock is
// there; "paused" while its cgroup is frozen.
//
// Thread-safety: one thread per object. Of several processes that create one id, mkdir lets one
// win; of several that start it, the start socket takes one. NotFound and AlreadyExists are about
// the container's id.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/client/cgroup.h"
#include "runtime/spec/spec.h"

namespace onggi {

enum class ContainerStatus { kCreated, kRunning, kPaused, kStopped };
std::string_view StatusName(ContainerStatus status);

struct ContainerRecord {
  std::string id;
  std::string bundle;
  pid_t pid = 0;
  uint64_t start_time = 0;  // field 22 of /proc/PID/stat, clock ticks since boot
  int64_t created_at_ns = 0;
  std::string cgroup_path;
  std::vector<std::string> cgroup_dirs;
};

// 1 to 1024 of letters, digits, "_+-.", not "." or "..". InvalidArgument otherwise.
Result<> CheckContainerId(const std::string& id);

class ContainerState {
 public:
  // Makes the directory. AlreadyExists when the id is taken. CONFIG is kept as it is.
  static Result<ContainerState> Create(const std::string& root, const std::string& id,
                                       std::string_view config);
  static Result<ContainerState> Load(const std::string& root, const std::string& id);
  static std::vector<std::string> List(const std::string& root);

  const std::string& directory() const { return directory_; }
  const ContainerRecord& record() const { return record_; }
  Result<> Save(ContainerRecord record);
  Result<spec::Spec> ReadSpec() const;
  std::string StartSocket() const { return directory_ + "/start.sock"; }

  ContainerStatus Status() const;
  // The init, held; FailedPrecondition when it is gone.
  Result<UniqueFd> OpenInit() const;
  Result<Cgroup> OpenCgroup() const;
  // The directory and all in it.
  Result<> Remove() const;

 private:
  explicit ContainerState(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
  ContainerRecord record_;
};

// Start time of a living process; 0 when there is none. Zombies are not alive.
uint64_t ProcessStartTime(pid_t pid);

}  // namespace onggi
