#include "runtime/monitor/pod_namespaces.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/rooted_path.h"
#include "base/unix_socket.h"
#include "runtime/kernel/namespaces.h"
#include "runtime/monitor/pod_init.h"
#include "runtime/monitor/pod_settings.h"

namespace onggi {
namespace {

// The types that the monitor itself moves into.
constexpr const char* kOwnTypes[] = {"network", "ipc", "uts"};

// fork with new namespaces. 0 in the child.
Result<pid_t> Clone(uint64_t flags) {
  clone_args args{};
  args.flags = flags;
  args.exit_signal = SIGCHLD;
  auto pid = static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
  if (pid < 0) return SysError("clone3");
  return pid;
}

std::string MapText(const std::vector<spec::IdMapping>& mappings) {
  std::string text;
  for (const auto& mapping : mappings) {
    text += std::to_string(mapping.container_id) + " " + std::to_string(mapping.host_id) + " " +
            std::to_string(mapping.size) + "\n";
  }
  return text;
}

Result<> BecomeRootOfUserNamespace() {
  if (setgroups(0, nullptr) != 0) return SysError("setgroups");
  if (setresgid(0, 0, 0) != 0) return SysError("setresgid");
  if (setresuid(0, 0, 0) != 0) return SysError("setresuid");
  return Ok();
}

// The child's answer: an empty frame, or what went wrong.
void Report(int fd, const Result<>& result) {
  // The parent learns of a lost report by the end of the connection.
  (void)SendFrame(fd, result ? "" : result.error().message());
}

Result<> AwaitReport(int fd) {
  auto frame = ReceiveFrame(fd);
  if (!frame) return Internal("the child that makes the pod's namespaces died");
  if (frame->bytes.empty()) return Ok();
  return Internal(frame->bytes);
}

void KillAndReap(pid_t pid) {
  (void)kill(pid, SIGKILL);  // our own unreaped child: the number is its
  (void)waitpid(pid, nullptr, 0);
}

}  // namespace

Result<PodNamespaces> PodNamespaces::Make(const MonitorOptions& options, const Procfs& procfs) {
  PodNamespaces out;
  auto made = options.uid_mappings.empty() ? out.MakeOutsideUser(options, procfs)
                                           : out.MakeInsideUser(options, procfs);
  if (made && !options.pin_directory.empty()) made = out.Pin(options.pin_directory);
  if (!made) {
    out.Release();
    return std::move(made).error();
  }
  return out;
}

Result<> PodNamespaces::MakeOutsideUser(const MonitorOptions& options, const Procfs& procfs) {
  uint64_t flags = PodNamespaceFlags(options);
  if (flags != 0 && unshare(static_cast<int>(flags)) != 0) return SysError("unshare");
  std::string self = "/proc/" + std::to_string(getpid());
  for (const char* type : kOwnTypes) {
    if ((flags & NamespaceFlag(type)) == 0) continue;
    paths_[type] = self + "/ns/" + std::string(NamespaceFile(type));
  }
  TRY(ApplyPodSettings(options, procfs));
  if (!options.shared_pid) return Ok();
  TRY_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  TRY_ASSIGN(pid_t child, Clone(CLONE_NEWPID));
  if (child == 0) {
    auto ready = BecomePodInit(pair.second.get());
    Report(pair.second.get(), ready);
    if (!ready) _exit(1);
    RunPodInit();
  }
  init_pid_ = child;
  pair.second.reset();
  TRY(AwaitReport(pair.first.get()).Wrap("pod init"));
  return Adopt(child, CLONE_NEWPID);
}

Result<> PodNamespaces::MakeInsideUser(const MonitorOptions& options, const Procfs& procfs) {
  uint64_t flags = PodNamespaceFlags(options) | CLONE_NEWUSER;
  if (options.shared_pid) flags |= CLONE_NEWPID;
  TRY_ASSIGN(SocketPair pair, MakeSocketPair(SOCK_STREAM));
  TRY_ASSIGN(pid_t child, Clone(flags));
  if (child == 0) {
    pair.first.reset();
    // One byte: the mappings are written.
    char go = 0;
    if (read(pair.second.get(), &go, 1) != 1) _exit(1);
    auto done = BecomeRootOfUserNamespace();
    if (done) done = ApplyPodSettings(options, procfs);
    if (done && options.shared_pid) done = BecomePodInit(pair.second.get());
    Report(pair.second.get(), done);
    if (done && options.shared_pid) RunPodInit();
    // The namespaces must stand until the monitor holds them.
    _exit(read(pair.second.get(), &go, 1) == 0 ? 0 : 1);
  }
  init_pid_ = child;
  pair.second.reset();
  std::string at = std::to_string(child);
  TRY(procfs.Write(at + "/uid_map", MapText(options.uid_mappings)).Wrap("user namespace"));
  TRY(procfs.Write(at + "/gid_map", MapText(options.gid_mappings)).Wrap("user namespace"));
  TRY(WriteAll(pair.first.get(), "g"));
  TRY(AwaitReport(pair.first.get()));
  TRY(Adopt(child, flags));
  if (!options.shared_pid) KillAndReap(std::exchange(init_pid_, -1));
  return Ok();
}

// Takes hold of the namespaces of CHILD that FLAGS name.
Result<> PodNamespaces::Adopt(pid_t child, uint64_t flags) {
  std::string directory = "/proc/" + std::to_string(child) + "/ns/";
  std::string self = "/proc/" + std::to_string(getpid());
  for (const char* type : kOwnTypes) {
    if ((flags & NamespaceFlag(type)) == 0) continue;
    std::string file(NamespaceFile(type));
    TRY_ASSIGN(UniqueFd fd, OpenNamespace(type, directory + file));
    if (setns(fd.get(), static_cast<int>(NamespaceFlag(type))) != 0) {
      return SysError("setns(" + file + ")");
    }
    paths_[type] = self + "/ns/" + file;
  }
  if ((flags & CLONE_NEWUSER) != 0) {
    TRY_ASSIGN(user_, OpenNamespace("user", directory + "user"));
    paths_["user"] = self + "/fd/" + std::to_string(user_.get());
  }
  if ((flags & CLONE_NEWPID) != 0) {
    TRY_ASSIGN(pid_, OpenNamespace("pid", directory + "pid"));
    paths_["pid"] = self + "/fd/" + std::to_string(pid_.get());
  }
  return Ok();
}

Result<> PodNamespaces::Pin(const std::string& directory) {
  for (auto& [type, path] : paths_) {
    std::string pin = directory + "/" + std::string(NamespaceFile(type));
    TRY_ASSIGN(UniqueFd file, Open(pin, O_RDONLY | O_CREAT | O_NOFOLLOW, 0600));
    pins_.push_back(pin);
    if (mount(path.c_str(), pin.c_str(), nullptr, MS_BIND, nullptr) != 0) {
      return SysError("mount(" + path + ", " + pin + ")");
    }
    path = pin;
  }
  return Ok();
}

void PodNamespaces::Release() {
  for (const std::string& pin : pins_) {
    (void)umount2(pin.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);  // never mounted, or gone: fine
    (void)unlink(pin.c_str());
  }
  pins_.clear();
  if (init_pid_ > 0) KillAndReap(std::exchange(init_pid_, -1));
}

}  // namespace onggi
