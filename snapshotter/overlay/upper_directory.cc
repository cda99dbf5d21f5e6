#include "snapshotter/overlay/upper_directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file_io.h"
#include "snapshotter/directory_draft.h"
#include "snapshotter/inode_attributes.h"

namespace onggi {

Result<> MakeUpperDirectory(const std::string& path, const std::string& top) {
  std::string upper = path + "/fs";
  std::string work = path + "/work";
  if (mkdir(upper.c_str(), 0755) != 0) return SysError("mkdir(" + upper + ")");
  if (mkdir(work.c_str(), 0700) != 0) return SysError("mkdir(" + work + ")");
  TRY_ASSIGN(UniqueFd to, Open(upper, O_PATH | O_DIRECTORY));
  if (top.empty()) return SetOwnerAndMode(to.get(), 0, 0, 0755);
  TRY_ASSIGN(UniqueFd from, Open(top, O_PATH | O_DIRECTORY));
  return CopyDirectoryAttributes(from.get(), to.get());
}

RootfsMount OverlayMountOf(std::vector<std::string> lower, const std::string& path,
                           SnapshotInfo::Kind kind) {
  RootfsMount mount;
  mount.read_only = kind == SnapshotInfo::Kind::kView;
  if (lower.empty()) {
    mount.kind = RootfsMount::Kind::kBind;
    mount.source = path + "/fs";
    return mount;
  }
  // Overlayfs wants two directories at least.
  if (mount.read_only && lower.size() == 1) {
    mount.kind = RootfsMount::Kind::kBind;
    mount.source = lower.front();
    return mount;
  }
  mount.lower = std::move(lower);
  if (mount.read_only) return mount;
  mount.upper = path + "/fs";
  mount.work = path + "/work";
  return mount;
}

Result<SnapshotRow> NeedKey(SnapshotTable& table, const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, table.Need(key));
  if (row.info.kind == SnapshotInfo::Kind::kCommitted) {
    return NotFound("snapshot " + key + " is a committed one, which nobody mounts");
  }
  return row;
}

Result<SnapshotRow> NeedActive(SnapshotTable& table, const std::string& key) {
  TRY_ASSIGN(SnapshotRow row, table.Need(key));
  if (row.info.kind != SnapshotInfo::Kind::kActive) {
    return FailedPrecondition("snapshot " + key + " is not active");
  }
  return row;
}

}  // namespace onggi
