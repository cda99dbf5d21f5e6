// Images that a filter of the CRI names. Thread-safety: free functions.
#pragma once

#include <vector>

#include "image/image_service.h"
#include "server/cri/convert_common.h"

namespace onggi {

// All without a filter; else the one that it names, or none.
Result<std::vector<Image>> ListMatching(ImageService& images, const cri::ImageFilter& filter);

}  // namespace onggi
