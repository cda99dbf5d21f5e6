// Launch: what create and run share, from a bundle to a first process that waits right before
// execve.
//
// Thread-safety: one thread. On failure nothing is left: no process, cgroup or directory.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/client/cgroup.h"
#include "runtime/cmd/arguments.h"
#include "runtime/cmd/command.h"
#include "runtime/process/container_process.h"
#include "runtime/spec/spec.h"
#include "runtime/state/container_state.h"

namespace onggi {

struct LaunchOptions {
  std::string id;
  std::string bundle;
  std::string pid_file;
  std::string console_socket;
  bool pivot_root = true;
  bool new_keyring = true;
  int preserve_fds = 0;
  // The go-ahead comes from another process, through start.sock.
  bool start_later = false;
};

struct Launched {
  spec::Spec spec;
  ContainerState state;
  Cgroup group;
  StartedInit init;
};

// The flags of create; run has them too.
std::span<const Flag> LaunchFlags();
Result<LaunchOptions> ParseLaunchOptions(const Arguments& arguments);

Result<Launched> Launch(const GlobalOptions& global, const LaunchOptions& options);

// Where the container's cgroup is. With the systemd option "slice:prefix:name" names the scope's
// place in systemd's tree.
Result<std::string> CgroupPathOf(const GlobalOptions& global, const std::string& cgroups_path,
                                 const std::string& id);

// "123" without a line break, by rename.
Result<> WritePidFile(const std::string& path, pid_t pid);

}  // namespace onggi
