#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file_io.h"
#include "base/temp_dir.h"
#include "snapshotter/overlay/overlay_snapshotter.h"

namespace onggi {
namespace {

// The numbers of <linux/mount.h>, which libc's <sys/mount.h> hides from older headers.
Result<> Configure(int context, unsigned command, const char* key, const char* value) {
  if (syscall(SYS_fsconfig, context, command, key, value, 0) == 0) return Ok();
  Error error = SysError(std::string("fsconfig(") + (key != nullptr ? key : "create") + ")");
  return std::move(error).WithCode(Code::kFailedPrecondition);
}

}  // namespace

Result<> CheckOverlayWorks(const std::string& root) {
  TRY(MakeDirs(root, 0700));
  TRY_ASSIGN(TempDir dir, TempDir::Make(root));
  for (const char* name : {"/lower", "/upper", "/work"}) TRY(MakeDirs(dir.path() + name));
  UniqueFd context(static_cast<int>(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  if (!context.valid()) {
    return SysError("fsopen(overlay)").WithCode(Code::kFailedPrecondition);
  }
  TRY(Configure(context.get(), FSCONFIG_SET_STRING, "lowerdir", (dir.path() + "/lower").c_str()));
  TRY(Configure(context.get(), FSCONFIG_SET_STRING, "upperdir", (dir.path() + "/upper").c_str()));
  TRY(Configure(context.get(), FSCONFIG_SET_STRING, "workdir", (dir.path() + "/work").c_str()));
  // The file system comes to life here, without being attached anywhere; it goes with the fd.
  return Configure(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr);
}

}  // namespace onggi
