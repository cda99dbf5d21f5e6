// OpenSnapshotter: the snapshotter that the configuration names.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "snapshotter/snapshotter.h"
#include "store/database.h"

namespace onggi {

struct SnapshotterOptions {
  // "overlay", "copy", "erofs", or "auto": overlay where the kernel can mount it on the file system
  // of the root, else copy.
  std::string kind = "auto";
  std::string root;     // files are kept below root/snapshots/<name>
  std::string boot_id;  // "": the kernel's
};

// InvalidArgument for another kind; FailedPrecondition, saying what is missing, when the kernel or
// the file system can't do it. The database must outlive the snapshotter.
Result<std::unique_ptr<Snapshotter>> OpenSnapshotter(const SnapshotterOptions& options,
                                                     Database& database);
Result<std::unique_ptr<Snapshotter>> OpenSnapshotter(std::string_view kind, const std::string& root,
                                                     Database& database);

}  // namespace onggi
