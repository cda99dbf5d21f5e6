// The writable half of an overlay mount, for every snapshotter that stacks with overlayfs.
//
//   PATH/fs     the upper directory; for a view of an empty parent: an empty root
//   PATH/work   overlayfs's scratch space
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "snapshotter/metadata.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

// Makes both. The merged root's owner and mode are the upper directory's: it takes over those of
// TOP, the root of the layer below ("" for none: root, 0755).
Result<> MakeUpperDirectory(const std::string& path, const std::string& top);

// The mount for a snapshot of KIND whose own directory is PATH. Without layers below, overlayfs has
// nothing to stack, and it is a bind mount.
RootfsMount OverlayMountOf(std::vector<std::string> lower, const std::string& path,
                           SnapshotInfo::Kind kind);

// The row of an active snapshot or view; NotFound for anything else.
Result<SnapshotRow> NeedKey(SnapshotTable& table, const std::string& key);
// The row of an active snapshot; FailedPrecondition when KEY is something else.
Result<SnapshotRow> NeedActive(SnapshotTable& table, const std::string& key);

}  // namespace onggi
