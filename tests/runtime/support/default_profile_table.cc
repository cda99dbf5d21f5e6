#include "tests/runtime/support/default_profile.h"

namespace onggi::testing {

spec::Seccomp SmallProfile() {
  spec::Seccomp profile;
  profile.default_action = "SCMP_ACT_ERRNO";
  profile.default_errno_ret = 1;
  profile.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  spec::SeccompRule plain{.action = "SCMP_ACT_ALLOW"};
  plain.names = {"read",
                 "write",
                 "open",
                 "openat",
                 "close",
                 "stat",
                 "fstat",
                 "lstat",
                 "newfstatat",
                 "mmap",
                 "mprotect",
                 "munmap",
                 "brk",
                 "execve",
                 "exit",
                 "exit_group",
                 "fork",
                 "vfork",
                 "clone",
                 "wait4",
                 "waitid",
                 "getpid",
                 "getppid",
                 "getuid",
                 "geteuid",
                 "getgid",
                 "getegid",
                 "getgroups",
                 "alarm",
                 "uname",
                 "ioctl",
                 "fcntl",
                 "dup",
                 "dup2",
                 "dup3",
                 "pipe",
                 "pipe2",
                 "lseek",
                 "getdents",
                 "getdents64",
                 "readlink",
                 "readlinkat",
                 "getcwd",
                 "chdir",
                 "rt_sigaction",
                 "rt_sigprocmask",
                 "rt_sigreturn",
                 "sigaltstack",
                 "set_tid_address",
                 "set_robust_list",
                 "rseq",
                 "prlimit64",
                 "arch_prctl",
                 "getrandom",
                 "futex",
                 "mkdir",
                 "mknod",
                 "mknodat",
                 "unlink",
                 "kill",
                 "poll",
                 "access",
                 "faccessat",
                 "faccessat2",
                 "prctl",
                 "capset",
                 "setresuid",
                 "setresgid",
                 "setgroups",
                 "umask",
                 "close_range",
                 "sendto",
                 "sendmsg",
                 "nanosleep",
                 "clock_nanosleep",
                 "statx",
                 "gettid",
                 "tgkill",
                 "sysinfo",
                 "setpgid",
                 "getpgrp",
                 "clock_gettime"};
  spec::SeccompRule sockets{.names = {"socket"}, .action = "SCMP_ACT_ALLOW"};
  sockets.args = {{.index = 0, .value = 40, .op = "SCMP_CMP_NE"}};
  spec::SeccompRule personality{.names = {"personality"}, .action = "SCMP_ACT_ALLOW"};
  personality.args = {{.index = 0, .value = 0x20000, .op = "SCMP_CMP_EQ"}};
  profile.syscalls = {plain, sockets, personality};
  return profile;
}

}  // namespace onggi::testing
