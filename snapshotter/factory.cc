#include "snapshotter/factory.h"

#include "base/file_io.h"
#include "snapshotter/overlay/overlay_snapshotter.h"

namespace onggi {

Result<std::unique_ptr<Snapshotter>> OpenSnapshotter(std::string_view kind, const std::string& root,
                                                     Database& database) {
  if (kind != "auto" && kind != "overlay") {
    return InvalidArgument("snapshotter '" + std::string(kind) + "': expected auto or overlay");
  }
  TRY_ASSIGN(std::string known, ReadFile("/proc/filesystems"));
  if (known.find("\toverlay\n") == std::string::npos) {
    return FailedPrecondition("the kernel knows no overlay file system: modprobe overlay");
  }
  TRY_ASSIGN(std::unique_ptr<OverlaySnapshotter> overlay,
             OverlaySnapshotter::Open(root + "/snapshots/overlay", database));
  return std::unique_ptr<Snapshotter>(std::move(overlay));
}

}  // namespace onggi
