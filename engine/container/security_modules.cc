#include "base/file_io.h"
#include "base/strings.h"
#include "engine/container/create_parts.h"
#include "engine/pod/text_rules.h"

namespace onggi {
namespace {

bool HasModule(std::string_view name) {
  static const std::string list = ReadFile("/sys/kernel/security/lsm", 4096).value_or("");
  for (std::string_view one : Split(Trim(list), ',')) {
    if (one == name) return true;
  }
  return false;
}

bool Asked(const SelinuxOptions& selinux) {
  return !selinux.user.empty() || !selinux.role.empty() || !selinux.type.empty() ||
         !selinux.level.empty();
}

}  // namespace

Result<> CheckSecurityModules(const ContainerSecurity& security) {
  if (security.privileged) return Ok();  // unconfined, whatever was asked
  const auto& apparmor = security.apparmor;
  if (apparmor && apparmor->type == SecurityProfile::Type::kLocalhost && !HasModule("apparmor")) {
    return BadField("linux.security_context.apparmor", apparmor->localhost_ref,
                    "only on a kernel with AppArmor, which this node lacks");
  }
  if (Asked(security.selinux) && !HasModule("selinux")) {
    return BadField("linux.security_context.selinux_options", security.selinux.type,
                    "only on a kernel with SELinux, which this node lacks");
  }
  return Ok();
}

}  // namespace onggi
