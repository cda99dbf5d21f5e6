// The OCI image config document: into ImageConfig, and its history.
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "image/image_verbs.h"

namespace onggi {

// InvalidArgument for wrong types, bad diff ids and more than 1,024 layers. Environment entries
// without '=' are dropped: they would import a variable of the host in some programs.
Result<ImageConfig> ParseImageConfig(std::string_view text);

// Oldest first, sizes 0.
Result<std::vector<HistoryEntry>> ParseHistory(std::string_view text);

}  // namespace onggi
