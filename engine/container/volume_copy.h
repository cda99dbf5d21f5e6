// CopyUp: what an image has at a volume's path, copied into the volume's directory before its first
// use (Docker's rule for anonymous and new named volumes).
//
// The image is read through a detached overlay of its layers: no mount appears on the host. Owners,
// modes, links and times are kept; nothing is followed out of either tree.
//
// Thread-safety: free functions. Blocks on the disk. ResourceExhausted past 100,000 entries.
#pragma once

#include <string>

#include "base/result.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

// Absent or not a directory in the image is success: the volume stays empty.
Result<> CopyUp(const RootfsMount& rootfs, const std::string& path, const std::string& directory);

}  // namespace onggi
