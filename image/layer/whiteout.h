// What the name of a layer's entry says: an ordinary file, or a word of the layer format.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace onggi {

inline constexpr std::string_view kWhiteoutPrefix = ".wh.";
inline constexpr std::string_view kOpaqueName = ".wh..wh..opq";

struct EntryName {
  enum class Kind {
    kFile,
    kWhiteout,  // PATH of the layers below is deleted
    kOpaque,    // directory PATH hides what the layers below have
    kIgnored,   // housekeeping of AUFS at the top of old layers (".wh..wh.plnk")
  };
  Kind kind = Kind::kFile;
  std::string path;  // of a whiteout: without the prefix; of an opaque: the directory; else empty
};

// InvalidArgument for a name that is none: empty, a ".." or a NUL in it, a whiteout of nothing, of
// "." or "..", a directory named like a whiteout.
Result<EntryName> ClassifyEntryName(std::string_view path);

// The same check for the target of a hard link, which is a path of this layer too.
Result<> CheckLayerPath(std::string_view path);

}  // namespace onggi
