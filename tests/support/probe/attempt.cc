// What the process may do: attempts, and what the kernel answered.
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_io.h"
#include "tests/support/probe/probe.h"

namespace onggi::probe {
namespace {

constexpr const char* kPaths[] = {"/proc/acpi",          "/proc/asound",
                                  "/proc/interrupts",    "/proc/kcore",
                                  "/proc/keys",          "/proc/latency_stats",
                                  "/proc/timer_list",    "/proc/timer_stats",
                                  "/proc/sched_debug",   "/proc/scsi",
                                  "/sys/firmware",       "/sys/devices/virtual/powercap",
                                  "/proc/bus",           "/proc/fs",
                                  "/proc/irq",           "/proc/sys",
                                  "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern"};

Json LookAt(const std::string& path) {
  struct stat st {};
  if (stat(path.c_str(), &st) != 0) return "absent";
  Json json = Json::object();
  json["type"] = S_ISDIR(st.st_mode) ? "directory" : S_ISCHR(st.st_mode) ? "character" : "file";
  if (S_ISCHR(st.st_mode)) {
    json["device"] = std::to_string(major(st.st_rdev)) + ":" + std::to_string(minor(st.st_rdev));
  }
  if (S_ISDIR(st.st_mode)) {
    // The mount's own flag: permissions would hide it from those without capabilities.
    struct statvfs fs {};
    json["write"] = statvfs(path.c_str(), &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0 ? EROFS : 0;
    return json;
  }
  const Result<std::string> text = ReadFile(path, 1 << 20);
  json["bytes"] = text ? static_cast<int64_t>(text->size()) : -1;
  json["write"] = ErrnoInChild([&] { return open(path.c_str(), O_WRONLY | O_CLOEXEC); });
  return json;
}

int TryDevice(mode_t kind, unsigned int major_number, unsigned int minor_number) {
  const char* path = "/dev/shm/onggi-probe-node";
  const int made =
      ErrnoInChild([&] { return mknod(path, kind | 0600, makedev(major_number, minor_number)); });
  if (made != 0) return made;
  const int opened = ErrnoInChild([&] { return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); });
  (void)unlink(path);
  return opened;
}

// Calls that end, stop or block a process that makes them with zeros.
bool IsSkipped(long number) {
  switch (number) {
    case SYS_exit:
    case SYS_exit_group:
    case SYS_pause:
    case SYS_rt_sigreturn:
    case SYS_rt_sigsuspend:
    case SYS_select:
    case SYS_pselect6:
    case SYS_ppoll:
    case SYS_vfork:
    case SYS_fork:
    case SYS_clone:
    case SYS_read:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_vhangup:
    case SYS_reboot:
    case SYS_munmap:
      return true;
    default:
      return false;
  }
}

constexpr uint64_t kHigh = uint64_t{1} << 40;

}  // namespace

int ErrnoInChild(const std::function<long()>& call) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(2);
    errno = 0;
    _exit(call() < 0 ? errno & 0xff : 0);
  }
  int status = 0;
  (void)waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Json Paths() {
  Json json = Json::object();
  for (const char* path : kPaths) json[path] = LookAt(path);
  return json;
}

Json Devices() {
  struct Row {
    const char* name;
    mode_t kind;
    unsigned int major;
    unsigned int minor;
  };
  static constexpr Row kRows[] = {{"c 1:3", S_IFCHR, 1, 3},      {"c 1:5", S_IFCHR, 1, 5},
                                  {"c 1:9", S_IFCHR, 1, 9},      {"c 1:1", S_IFCHR, 1, 1},
                                  {"b 8:0", S_IFBLK, 8, 0},      {"b 254:0", S_IFBLK, 254, 0},
                                  {"c 10:200", S_IFCHR, 10, 200}};
  Json json = Json::object();
  for (const Row& row : kRows) json[row.name] = TryDevice(row.kind, row.major, row.minor);
  return json;
}

Json Syscalls() {
  Json json = Json::object();
  for (long number = 0; number < 600; ++number) {
    if (IsSkipped(number)) continue;
    json[std::to_string(number)] = ErrnoInChild([&] { return syscall(number, 0, 0, 0, 0, 0, 0); });
  }
  return json;
}

Json Arguments() {
  struct Row {
    const char* name;
    long number;
    uint64_t first;
    uint64_t second;
    uint64_t third;
  };
  const Row kRows[] = {
      {"socket(AF_VSOCK)", SYS_socket, 40, SOCK_STREAM, 0},
      {"socket(AF_VSOCK|high)", SYS_socket, 40 | kHigh, SOCK_STREAM, 0},
      {"socket(AF_ALG)", SYS_socket, 38, SOCK_SEQPACKET, 0},
      {"socket(AF_ALG|high)", SYS_socket, 38 | kHigh, SOCK_SEQPACKET, 0},
      {"socket(AF_UNIX)", SYS_socket, AF_UNIX, SOCK_STREAM, 0},
      {"socket(AF_INET raw)", SYS_socket, AF_INET, SOCK_RAW, 1},
      {"personality(0x20000)", SYS_personality, 0x20000, 0, 0},
      {"personality(0x1234)", SYS_personality, 0x1234, 0, 0},
      {"unshare(NEWUSER)", SYS_unshare, CLONE_NEWUSER, 0, 0},
      {"unshare(NEWNS)", SYS_unshare, CLONE_NEWNS, 0, 0},
      {"clone3", SYS_clone3, 0, 0, 0},
      {"keyctl", SYS_keyctl, 0, 0, 0},
      {"io_uring_setup", SYS_io_uring_setup, 1, 0, 0},
      {"userfaultfd", SYS_userfaultfd, 1, 0, 0},
      {"bpf", SYS_bpf, 0, 0, 0},
      {"perf_event_open", SYS_perf_event_open, 0, 0, 0},
      {"newer call", 599, 0, 0, 0},
      {"x32 getpid", 0x40000000L + SYS_getpid, 0, 0, 0},
  };
  Json json = Json::object();
  for (const Row& row : kRows) {
    json[row.name] = ErrnoInChild(
        [&] { return syscall(row.number, row.first, row.second, row.third, 0, 0, 0); });
  }
  return json;
}

}  // namespace onggi::probe
