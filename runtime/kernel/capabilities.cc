#include "runtime/kernel/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace onggi {
namespace {

// Index is the kernel's number.
constexpr std::string_view kNames[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};
constexpr int kCount = static_cast<int>(std::size(kNames));

int LastKnownToKernel() {
  int last = kCount - 1;
  while (last > 0 && prctl(PR_CAPBSET_READ, last, 0, 0, 0) < 0) --last;
  return last;
}

Result<uint64_t> Mask(const std::vector<std::string>& names, uint64_t known) {
  uint64_t mask = 0;
  for (const std::string& name : names) {
    int number = 0;
    while (number < kCount && kNames[number] != name) ++number;
    if (number == kCount) return InvalidArgument("capability " + name + " is not known");
    mask |= uint64_t{1} << number;
  }
  return mask & known;
}

}  // namespace

Result<CapabilitySets> ResolveCapabilities(const spec::Capabilities& capabilities) {
  const uint64_t known = (uint64_t{2} << LastKnownToKernel()) - 1;
  CapabilitySets sets;
  TRY_ASSIGN(sets.bounding, Mask(capabilities.bounding, known));
  TRY_ASSIGN(sets.effective, Mask(capabilities.effective, known));
  TRY_ASSIGN(sets.inheritable, Mask(capabilities.inheritable, known));
  TRY_ASSIGN(sets.permitted, Mask(capabilities.permitted, known));
  TRY_ASSIGN(sets.ambient, Mask(capabilities.ambient, known));
  return sets;
}

std::vector<std::string> CapabilityNames() {
  return {std::begin(kNames), std::end(kNames)};
}

int DropBoundingSet(const CapabilitySets& sets) {
  for (int number = 0; number < kCount; ++number) {
    if ((sets.bounding >> number & 1) != 0) continue;
    // EINVAL: this kernel ends before the capability.
    if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0 && errno != EINVAL) return errno;
  }
  return 0;
}

int ApplyCapabilities(const CapabilitySets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  for (int half = 0; half < 2; ++half) {
    data[half].effective = static_cast<uint32_t>(sets.effective >> (32 * half));
    data[half].permitted = static_cast<uint32_t>(sets.permitted >> (32 * half));
    data[half].inheritable = static_cast<uint32_t>(sets.inheritable >> (32 * half));
  }
  if (syscall(SYS_capset, &header, data) != 0) return errno;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return errno;
  for (int number = 0; number < kCount; ++number) {
    if ((sets.ambient >> number & 1) == 0) continue;
    // A set that the kernel's rules refuse (not permitted or not inheritable) is left lower.
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) != 0 && errno != EPERM) {
      return errno;
    }
  }
  return 0;
}

}  // namespace onggi
