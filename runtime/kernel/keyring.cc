#include "runtime/kernel/keyring.h"

#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace onggi {

Result<> NewSessionKeyring(const std::string& name) {
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str()) >= 0) return Ok();
  // EPERM: a seccomp filter around us answers so; the container then has no keys at all.
  if (errno == ENOSYS || errno == EPERM) return Ok();
  if (errno == EDQUOT) {
    return ResourceExhausted(
        "the user's quota of keys is full: raise kernel.keys.maxkeys, or use --no-new-keyring");
  }
  return SysError("keyctl(JOIN_SESSION_KEYRING)");
}

}  // namespace onggi
