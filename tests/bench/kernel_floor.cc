// kernel_floor: what the kernel alone charges for one isolated process, and for one exec into it,
// so that the engine's figures can be given as ratios within one run.
//
//   start   8 cgroup v1 hierarchies (or one v2 group) made and joined, clone3 with pid, mount,
//   network, ipc, uts
//           and cgroup namespaces, overlay, proc, pivot_root, exec of a static program, reap,
//           groups removed
//   exec    clone3, setns into a running process's namespaces by pidfd, exec, reap
//
// usage: kernel_floor [RUNS] [STATIC-PROGRAM]     default 100 /bin/busybox; needs root. Prints a
// table.
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/temp_dir.h"
#include "tests/bench/samples.h"

namespace onggi::bench {
namespace {

constexpr uint64_t kNamespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

struct World {
  std::string root;  // holds lower, upper, work, merged
  std::vector<std::string> cgroups;
};

std::vector<std::string> CgroupParents() {
  std::vector<std::string> out;
  for (const char* name :
       {"cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"}) {
    std::string path = std::string("/sys/fs/cgroup/") + name;
    if (PathExists(path + "/cgroup.procs")) out.push_back(path);
  }
  if (out.empty()) out.emplace_back("/sys/fs/cgroup");
  return out;
}

void Die(const char* what) {
  perror(what);
  _exit(99);
}

pid_t Clone(uint64_t flags, int* pidfd) {
  clone_args args{};
  args.flags = flags | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<uint64_t>(pidfd);
  args.exit_signal = SIGCHLD;
  return static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
}

// In the child: its own root on an overlay, proc, exec. Waits on GO first, so that its groups are
// joined.
[[noreturn]] void Become(const World& world, int go, const char* const* argv) {
  char byte;
  if (read(go, &byte, 1) != 1) Die("read");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) Die("private");
  std::string merged = world.root + "/merged";
  std::string options = "lowerdir=" + world.root + "/lower,upperdir=" + world.root +
                        "/upper,workdir=" + world.root + "/work";
  if (mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) != 0) Die("overlay");
  if (mount("proc", (merged + "/proc").c_str(), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
            nullptr) != 0) {
    Die("proc");
  }
  if (chdir(merged.c_str()) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) Die("pivot_root");
  if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) Die("umount");
  if (sethostname("floor", 5) != 0) Die("sethostname");
  execv(argv[0], const_cast<char* const*>(argv));
  Die("exec");
  abort();
}

struct Running {
  pid_t pid = -1;
  UniqueFd pidfd;
};

Running Start(const World& world, const char* const* argv) {
  for (const std::string& group : world.cgroups) (void)mkdir(group.c_str(), 0755);  // may exist
  auto go = MakePipe();
  int pidfd = -1;
  pid_t pid = Clone(kNamespaces, &pidfd);
  if (pid < 0) Die("clone3");
  if (pid == 0) Become(world, go->read.get(), argv);
  for (const std::string& group : world.cgroups) {
    // cpuset takes nobody before it has cpus and memory nodes; the floor leaves it at that.
    (void)WriteExisting(AT_FDCWD, group + "/cgroup.procs", std::to_string(pid));
  }
  if (write(go->write.get(), "x", 1) != 1) Die("write");
  return Running{pid, UniqueFd(pidfd)};
}

int Reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void RemoveGroups(const World& world) {
  for (const std::string& group : world.cgroups) (void)rmdir(group.c_str());  // best effort
}

int64_t MeasureStart(const World& world) {
  static const char* const kTrue[] = {"/true", "true", nullptr};
  int64_t begin = MonotonicNanos();
  Running child = Start(world, kTrue);
  int status = Reap(child.pid);
  RemoveGroups(world);
  int64_t took = MonotonicNanos() - begin;
  if (status != 0) (void)fprintf(stderr, "kernel_floor: the process ended with %d\n", status);
  return took;
}

int64_t MeasureExec(const Running& target) {
  int64_t begin = MonotonicNanos();
  int pidfd = -1;
  pid_t pid = Clone(0, &pidfd);
  if (pid == 0) {
    if (setns(target.pidfd.get(), static_cast<int>(kNamespaces)) != 0) Die("setns");
    // setns into a pid namespace counts for children only.
    int inner_fd = -1;
    pid_t inner = Clone(0, &inner_fd);
    if (inner == 0) {
      const char* const argv[] = {"/true", "true", nullptr};
      execv(argv[0], const_cast<char* const*>(argv));
      _exit(99);
    }
    _exit(Reap(inner) == 0 ? 0 : 1);
  }
  int status = Reap(pid);
  (void)close(pidfd);
  if (status != 0) (void)fprintf(stderr, "kernel_floor: the exec ended with %d\n", status);
  return MonotonicNanos() - begin;
}

Result<World> MakeWorld(const std::string& root, const std::string& program) {
  World world{root, {}};
  for (const char* name : {"/lower/proc", "/upper", "/work", "/merged"}) TRY(MakeDirs(root + name));
  TRY_ASSIGN(std::string bytes, ReadFile(program, 64 << 20));
  for (const char* name : {"/lower/true", "/lower/sleep"}) {
    TRY(WriteFileAtomic(root + name, bytes, 0755));
  }
  for (const std::string& parent : CgroupParents()) {
    world.cgroups.push_back(parent + "/onggi-floor-" + std::to_string(getpid()));
  }
  return world;
}

Result<> Run(int runs, const std::string& program) {
  TRY_ASSIGN(TempDir dir, TempDir::Make("/var/tmp"));
  TRY_ASSIGN(World world, MakeWorld(dir.path(), program));
  Samples start;
  for (int i = 0; i < runs; ++i) start.Add(MeasureStart(world));
  static const char* const kSleep[] = {"/sleep", "1000", nullptr};
  Running target = Start(world, kSleep);
  (void)usleep(50'000);  // it stands in its own root by then
  Samples exec;
  for (int i = 0; i < runs; ++i) exec.Add(MeasureExec(target));
  (void)syscall(SYS_pidfd_send_signal, target.pidfd.get(), SIGKILL, nullptr,
                0);  // ours, and not reaped yet
  (void)Reap(target.pid);
  RemoveGroups(world);
  PrintHeading();
  PrintRow("floor: start", start);
  PrintRow("floor: exec", exec);
  return Ok();
}

}  // namespace
}  // namespace onggi::bench

int main(int argc, char** argv) {
  int runs = argc > 1 ? atoi(argv[1]) : 100;
  auto outcome = onggi::bench::Run(runs, argc > 2 ? argv[2] : "/bin/busybox");
  if (outcome) return 0;
  (void)fprintf(stderr, "kernel_floor: %s\n", outcome.error().message().c_str());
  return 1;
}
