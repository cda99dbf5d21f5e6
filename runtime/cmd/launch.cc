#include "runtime/cmd/launch.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/rollback.h"
#include "base/strings.h"
#include "runtime/kernel/terminal.h"
#include "runtime/process/reap.h"
#include "runtime/process/start_socket.h"
#include "runtime/spec/parse.h"
#include "runtime/state/seccomp_cache.h"

namespace onggi {
namespace {

constexpr Flag kFlags[] = {
    {"bundle", 'b', true}, {"console-socket", 0, true}, {"pid-file", 0, true}, {"no-pivot"},
    {"no-new-keyring"},    {"preserve-fds", 0, true},   {"detach", 'd'},       {"keep"},
    {"no-subreaper"}};

Result<std::string> AbsolutePath(const std::string& path) {
  char resolved[PATH_MAX];
  if (realpath(path.c_str(), resolved) == nullptr) return SysError("bundle " + path);
  return std::string(resolved);
}

Result<spec::Spec> ParseBundle(const std::string& bundle, const std::string& text) {
  TRY_ASSIGN(spec::Spec spec, spec::ParseSpec(text).Wrap(bundle + "/config.json"));
  if (!spec.root_path.empty() && spec.root_path[0] != '/') {
    spec.root_path = bundle + "/" + spec.root_path;
  }
  for (spec::Mount& mount : spec.mounts) {
    const bool relative = !mount.source.empty() && mount.source[0] != '/';
    if (relative && mount.type == "bind") mount.source = bundle + "/" + mount.source;
  }
  return spec;
}

Result<Cgroup> MakeGroup(const std::string& path, const spec::Spec& spec) {
  TRY_ASSIGN(Cgroup group, Cgroup::Create(path));
  Result<> applied = group.Apply(spec.linux_.resources);
  if (applied) return group;
  (void)group.Remove();  // best effort: the first error is the one to tell
  return std::move(applied).error();
}

// "a-b.slice" lies below "a.slice".
std::string SlicePath(std::string_view slice) {
  if (slice == "-.slice" || slice.size() < 7) return "";
  const std::string_view stem = slice.substr(0, slice.size() - 6);
  std::string path;
  for (size_t dash = stem.find('-'); dash != std::string_view::npos;
       dash = stem.find('-', dash + 1)) {
    path += "/" + std::string(stem.substr(0, dash)) + ".slice";
  }
  return path + "/" + std::string(slice);
}

Result<StartedInit> MakeInit(const spec::Spec& spec, InitOptions& init,
                             const GlobalOptions& global) {
  std::vector<sock_filter> program;
  if (spec.linux_.seccomp) {
    TRY_ASSIGN(program, CachedSeccomp(global.root, *spec.linux_.seccomp));
    init.seccomp = &program;
  }
  return CreateInit(spec, init);
}

ContainerRecord RecordOf(const LaunchOptions& options, const std::string& bundle,
                         const Cgroup& group, pid_t pid) {
  return {.id = options.id,
          .bundle = bundle,
          .pid = pid,
          .start_time = ProcessStartTime(pid),
          .created_at_ns = WallNanos(),
          .cgroup_path = group.path(),
          .cgroup_dirs = group.dirs()};
}

// After the init waits: what others look for.
Result<> Publish(const LaunchOptions& options, Launched& launched, const std::string& bundle) {
  const StartedInit& init = launched.init;
  TRY(launched.state.Save(RecordOf(options, bundle, launched.group, init.pid)));
  if (!options.console_socket.empty() && init.terminal_master.valid()) {
    TRY(SendTerminal(options.console_socket, init.terminal_master.get()));
  }
  return WritePidFile(options.pid_file, init.pid);
}

}  // namespace

std::span<const Flag> LaunchFlags() {
  return kFlags;
}

Result<LaunchOptions> ParseLaunchOptions(const Arguments& arguments) {
  LaunchOptions options;
  TRY_ASSIGN(options.id, arguments.Word(0, "the container id"));
  if (arguments.words().size() > 1) {
    return InvalidArgument("one container id is expected; flags stand before it");
  }
  options.bundle = arguments.Get("bundle", ".");
  options.pid_file = arguments.Get("pid-file");
  options.console_socket = arguments.Get("console-socket");
  options.pivot_root = !arguments.Has("no-pivot");
  options.new_keyring = !arguments.Has("no-new-keyring");
  const auto fds = ParseUint(arguments.Get("preserve-fds", "0"));
  if (!fds || *fds > 1024) return InvalidArgument("--preserve-fds is not a number up to 1024");
  options.preserve_fds = static_cast<int>(*fds);
  return options;
}

Result<std::string> CgroupPathOf(const GlobalOptions& global, const std::string& cgroups_path,
                                 const std::string& id) {
  if (cgroups_path.empty()) return "/" + id;
  const std::vector<std::string_view> parts = Split(cgroups_path, ':');
  if (global.systemd_cgroup && parts.size() == 3) {
    const std::string slice = SlicePath(parts[0].empty() ? "system.slice" : parts[0]);
    const std::string prefix(parts[1]);
    return slice + "/" + (prefix.empty() ? "" : prefix + "-") + std::string(parts[2]) + ".scope";
  }
  if (cgroups_path[0] == '/') return cgroups_path;
  return "/" + cgroups_path;
}

Result<> WritePidFile(const std::string& path, pid_t pid) {
  if (path.empty()) return Ok();
  return WriteFileAtomic(path, std::to_string(pid), 0644);
}

Result<Launched> Launch(const GlobalOptions& global, const LaunchOptions& options) {
  TRY_ASSIGN(const std::string bundle, AbsolutePath(options.bundle));
  TRY_ASSIGN(const std::string text, ReadFile(bundle + "/config.json"));
  TRY_ASSIGN(spec::Spec spec, ParseBundle(bundle, text));
  if (spec.process && spec.process->terminal && options.start_later &&
      options.console_socket.empty()) {
    return InvalidArgument("process.terminal needs --console-socket");
  }
  TRY_ASSIGN(ContainerState state, ContainerState::Create(global.root, options.id, text));
  // Each undo step dies before what it undoes. All are best effort: the first error is told.
  Rollback undo_state;
  undo_state.Add([&] { (void)state.Remove(); });
  TRY_ASSIGN(const std::string path, CgroupPathOf(global, spec.linux_.cgroups_path, options.id));
  TRY_ASSIGN(Cgroup group, MakeGroup(path, spec));
  Rollback undo_group;
  undo_group.Add([&] { (void)group.Remove(); });
  UniqueFd listener;
  if (options.start_later) {
    TRY_ASSIGN(listener, ListenForStart(state.directory(), "start.sock"));
  }
  InitOptions init{.stdio = {0, 1, 2}, .cgroup_dirs = group.dirs()};
  init.start_listener = listener.get();
  init.find_program_early = true;
  init.new_keyring = options.new_keyring;
  init.pivot_root = options.pivot_root;
  init.preserve_fds = options.preserve_fds;
  init.id = options.id;
  init.bundle = bundle;
  TRY_ASSIGN(StartedInit started, MakeInit(spec, init, global));
  Launched launched{std::move(spec), state, group, std::move(started)};
  Rollback undo_init;
  undo_init.Add([&] { KillAndReap(launched.init.pidfd.get()); });
  TRY(Publish(options, launched, bundle));
  undo_init.Commit();
  undo_group.Commit();
  undo_state.Commit();
  return launched;
}

}  // namespace onggi
