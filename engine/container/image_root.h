// ImageRoot: reads of an image's files without mounting it: through the layers, the upper ones
// first, with the whiteouts of overlayfs (a character device 0:0, trusted.overlay.opaque).
//
// Everything is resolved inside a layer's own root (RootedPath). Links that lead out of a layer's
// directory into another layer are followed by resolving their text again from the top.
//
// Thread-safety: const methods from any thread. Blocks on the disk.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "snapshotter/snapshotter.h"

namespace onggi {

class ImageRoot {
 public:
  // The layers of ROOTFS: its lower directories, or its source.
  static Result<ImageRoot> Open(const RootfsMount& rootfs);

  // The regular file PATH ("/etc/passwd"), "" when the image has none. ResourceExhausted past
  // LIMIT; InvalidArgument when it is no regular file (CVE-2024-9676: a FIFO would hang us).
  Result<std::string> ReadFile(const std::string& path, size_t limit) const;

  // Directories, top first, that an overlay of the directory PATH consists of: what a mount of a
  // sub path stacks. Links are refused; NotFound and InvalidArgument ("not a directory").
  Result<std::vector<std::string>> DirectoriesOf(const std::string& path) const;

 private:
  struct Layer {
    std::string path;
    UniqueFd fd;
  };
  explicit ImageRoot(std::vector<Layer> layers) : layers_(std::move(layers)) {}
  Result<std::string> Resolve(const std::string& path, int links) const;

  std::vector<Layer> layers_;
};

}  // namespace onggi
