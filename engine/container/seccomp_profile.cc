#include "engine/container/seccomp_profile.h"

#include <sys/socket.h>
#include <cerrno>

#include <algorithm>

#include "base/file_io.h"
#include "base/strings.h"
#include "runtime/spec/parse.h"

namespace onggi {
namespace {

constexpr char kAllow[] = "SCMP_ACT_ALLOW";
// CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}: clone without any of them is plain process creation.
constexpr uint64_t kNamespaceFlags = 0x7E020000;

spec::SeccompRule Rule(SeccompNames names) {
  spec::SeccompRule rule;
  rule.action = kAllow;
  rule.names.assign(names.names, names.names + names.count);
  return rule;
}

spec::SeccompRule Argument(const char* call, spec::SeccompArg arg) {
  spec::SeccompRule rule;
  rule.action = kAllow;
  rule.names = {call};
  rule.args = {std::move(arg)};
  return rule;
}

// socket(2) by family: an allow-list in ranges, because excluding AF_ALG (38) and AF_VSOCK (40) one
// by one would be two conditions that are joined by "or" (threat C24).
void AddSockets(std::vector<spec::SeccompRule>& rules) {
  for (uint64_t family = 0; family < AF_MAX; ++family) {
    if (family == AF_ALG || family == AF_VSOCK) continue;
    rules.push_back(Argument(
        "socket",
        {.index = 0, .value = 0xffffffff, .value_two = family, .op = "SCMP_CMP_MASKED_EQ"}));
  }
}

void AddPersonalities(std::vector<spec::SeccompRule>& rules) {
  for (uint64_t value : {0x0UL, 0x0008UL, 0x20000UL, 0x20008UL, 0xffffffffUL}) {
    rules.push_back(Argument(
        "personality",
        {.index = 0, .value = 0xffffffff, .value_two = value, .op = "SCMP_CMP_MASKED_EQ"}));
  }
}

bool Has(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

spec::Seccomp DefaultSeccomp(const std::vector<std::string>& has) {
  spec::Seccomp profile;
  profile.default_action = "SCMP_ACT_ERRNO";
  profile.default_errno_ret = EPERM;
#if defined(__x86_64__)
  profile.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
#elif defined(__aarch64__)
  profile.architectures = {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
#endif
  profile.syscalls.push_back(Rule(AlwaysAllowedCalls()));
  for (const CapabilityCalls& row : CallsByCapability()) {
    if (Has(has, row.capability)) profile.syscalls.push_back(Rule(row.calls));
  }
  AddSockets(profile.syscalls);
  AddPersonalities(profile.syscalls);
  if (!Has(has, "CAP_SYS_ADMIN")) {
    profile.syscalls.push_back(Argument(
        "clone",
        {.index = 0, .value = kNamespaceFlags, .value_two = 0, .op = "SCMP_CMP_MASKED_EQ"}));
    // Its flags lie in memory where no filter sees them; ENOSYS makes C libraries use clone.
    spec::SeccompRule clone3;
    clone3.names = {"clone3"};
    clone3.action = "SCMP_ACT_ERRNO";
    clone3.errno_ret = ENOSYS;
    profile.syscalls.push_back(std::move(clone3));
  }
  return profile;
}

Result<spec::Seccomp> LoadSeccompFile(const std::string& path) {
  auto text = ReadFile(path, 1 << 20);
  if (!text) {
    return InvalidArgument("seccomp profile " + Quote(path) + ": " + text.error().message());
  }
  auto profile = spec::ParseSeccomp(*text);
  if (!profile) {
    return InvalidArgument("seccomp profile " + Quote(path) + ": " + profile.error().message());
  }
  return profile;
}

}  // namespace onggi
