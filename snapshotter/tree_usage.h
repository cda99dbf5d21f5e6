// What a directory tree occupies.
#pragma once

#include <string>

#include "base/result.h"
#include "snapshotter/layer_sink.h"

namespace onggi {

// Bytes (sum of the sizes of regular files) and inodes below the directory, without itself; a
// hard-linked file counts once. Follows no link; what goes away meanwhile, or lies over 512
// levels deep, is not counted. Blocks:
// walks the tree.
Result<LayerUsage> MeasureTree(const std::string& directory);
Result<LayerUsage> MeasureTreeAt(int dir_fd);

}  // namespace onggi
