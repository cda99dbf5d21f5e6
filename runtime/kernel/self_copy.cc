#include "runtime/kernel/self_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file_io.h"
#include "runtime/kernel/mount_api.h"

namespace onggi {
namespace {

constexpr const char* kSelf = "/proc/self/exe";
constexpr unsigned int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

bool IsSealed(int fd) {
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (static_cast<unsigned int>(seals) & kSeals) == kSeals;
}

Result<bool> IsReadOnly() {
  TRY_ASSIGN(const UniqueFd self, Open(kSelf, O_RDONLY));
  struct statvfs fs {};
  if (fstatvfs(self.get(), &fs) != 0) return SysError("fstatvfs(/proc/self/exe)");
  return (fs.f_flag & ST_RDONLY) != 0 || IsSealed(self.get());
}

Result<UniqueFd> ReadOnlyClone() {
  TRY_ASSIGN(UniqueFd mount, CloneMount(AT_FDCWD, kSelf, false));
  TRY(SetMountAttributes(mount.get(),
                         {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, .propagation = MS_PRIVATE},
                         false));
  return mount;
}

Result<UniqueFd> SealedCopy() {
  TRY_ASSIGN(const UniqueFd self, Open(kSelf, O_RDONLY));
  UniqueFd copy(memfd_create("onggi-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy.valid()) return SysError("memfd_create");
  for (;;) {
    const ssize_t sent = sendfile(copy.get(), self.get(), nullptr, 64 << 20);
    if (sent < 0) return SysError("sendfile(self)");
    if (sent == 0) break;
  }
  if (fchmod(copy.get(), 0511) != 0) return SysError("fchmod(self copy)");
  if (fcntl(copy.get(), F_ADD_SEALS, kSeals) != 0) return SysError("fcntl(F_ADD_SEALS)");
  return copy;
}

}  // namespace

Result<> EnsureReadOnlySelf(char** argv, char** envp) {
  TRY_ASSIGN(const bool done, IsReadOnly());
  if (done) return Ok();
  Result<UniqueFd> copy = ReadOnlyClone();
  if (!copy) copy = SealedCopy();
  if (!copy) return std::move(copy).error();
  fexecve(copy->get(), argv, envp);
  return SysError("fexecve(self copy)");
}

}  // namespace onggi
