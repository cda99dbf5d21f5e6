#include "engine/container/capabilities.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/pod/text_rules.h"

namespace onggi {
namespace {

// By number: linux/capability.h.
constexpr const char* kNames[] = {"CAP_CHOWN",
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
                                  "CAP_CHECKPOINT_RESTORE"};

bool IsAll(const std::string& name) {
  return name.size() == 3 && toupper(name[0]) == 'A' && toupper(name[1]) == 'L' &&
         toupper(name[2]) == 'L';
}

bool HasAll(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), IsAll);
}

}  // namespace

const std::vector<std::string>& DefaultCapabilities() {
  static const std::vector<std::string> defaults = {
      "CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER", "CAP_SETGID",
      "CAP_SETUID", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_KILL"};
  return defaults;
}

const std::vector<std::string>& AllCapabilities() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out;
    for (size_t number = 0; number < std::size(kNames); ++number) {
      // Asking for one that the daemon's own bounding set lacks would fail at the container's
      // start.
      if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1) out.emplace_back(kNames[number]);
    }
    return out;
  }();
  return all;
}

std::string CapabilityName(const std::string& name) {
  std::string upper = name;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(toupper(c)); });
  if (upper.rfind("CAP_", 0) != 0) upper = "CAP_" + upper;
  bool known = std::any_of(std::begin(kNames), std::end(kNames),
                           [&](const char* one) { return upper == one; });
  return known ? upper : "";
}

Result<> CheckCapabilityNames(const std::string& field, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (IsAll(name)) continue;
    if (CapabilityName(name).empty()) {
      return BadField(field, name, "a capability such as NET_ADMIN, or ALL");
    }
  }
  return Ok();
}

spec::Capabilities ResolveCapabilities(const ContainerSecurity& security,
                                       const std::vector<std::string>& defaults) {
  const auto& all = AllCapabilities();
  std::set<std::string> has(defaults.begin(), defaults.end());
  if (security.privileged || HasAll(security.add_capabilities)) has = {all.begin(), all.end()};
  if (HasAll(security.drop_capabilities) && !security.privileged) has.clear();
  std::set<std::string> ambient;
  if (HasAll(security.add_ambient_capabilities)) ambient = {all.begin(), all.end()};
  for (const std::string& name : security.add_capabilities) {
    if (!IsAll(name)) has.insert(CapabilityName(name));
  }
  for (const std::string& name : security.add_ambient_capabilities) {
    if (!IsAll(name)) ambient.insert(CapabilityName(name));
  }
  has.insert(ambient.begin(), ambient.end());
  for (const std::string& name : security.drop_capabilities) {
    if (IsAll(name)) continue;
    has.erase(CapabilityName(name));
    ambient.erase(CapabilityName(name));
  }
  spec::Capabilities sets;
  sets.bounding.assign(has.begin(), has.end());
  sets.effective = sets.permitted = sets.bounding;
  sets.ambient.assign(ambient.begin(), ambient.end());
  sets.inheritable = sets.ambient;  // the kernel asks it of ambient ones: capabilities(7)
  return sets;
}

}  // namespace onggi
