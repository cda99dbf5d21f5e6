// Chooses and opens a snapshotter.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "snapshotter/snapshotter.h"
#include "store/database.h"

namespace onggi {

// KIND is "auto" or "overlay", which are the same here.
// Files go below ROOT/snapshots. InvalidArgument for an unknown kind; FailedPrecondition when
// overlay was asked for and can't be had.
Result<std::unique_ptr<Snapshotter>> OpenSnapshotter(std::string_view kind, const std::string& root,
                                                     Database& database);

}  // namespace onggi
