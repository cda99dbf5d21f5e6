// LayerSink: where the entries of one layer go, in the order of its archive. image/layer reads a
// tar stream and speaks to a sink; a snapshotter decides what an entry becomes (a file under a
// directory fd, an inode of an EROFS image).
//
// Every path and link target comes from outside and is hostile: the sink resolves it inside the
// layer's own root and refuses what would leave it (threats C3, C10). Relative and absolute
// spellings mean the same.
//
// Thread-safety: one thread. A failed call leaves the sink unusable; destroy it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace onggi {

enum class EntryType {
  kRegular,
  kDirectory,
  kSymlink,
  kHardLink,
  kCharDevice,
  kBlockDevice,
  kFifo
};

struct LayerEntry {
  std::string path;  // as in the archive: "./etc/passwd", "etc/", "/etc"
  EntryType type = EntryType::kRegular;
  mode_t mode = 0;  // permission, set-id and sticky bits only
  uid_t uid = 0;
  gid_t gid = 0;
  int64_t mtime_ns = 0;
  uint64_t size = 0;        // of a regular file
  std::string link_target;  // of a symlink (stored as it is) or hard link (a path inside the layer)
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  std::map<std::string, std::string> xattrs;  // values are bytes
};

// What a layer occupies when unpacked.
struct LayerUsage {
  uint64_t bytes = 0;  // sum of file sizes; a hard-linked file counts once
  uint64_t inodes = 0;
};

class LayerSink {
 public:
  virtual ~LayerSink() = default;

  // Starts an entry; an earlier entry of the same path is replaced (a directory keeps its
  // children). For a regular file exactly entry.size bytes follow through Write(). InvalidArgument
  // for a path or a link that leaves the root or a whiteout name that is none.
  virtual Result<> Add(const LayerEntry& entry) = 0;
  virtual Result<> Write(std::string_view bytes) = 0;
  // PATH of the layers below is deleted (".wh.NAME").
  virtual Result<> Whiteout(const std::string& path) = 0;
  // Directory PATH hides what the layers below have in it (".wh..wh..opq").
  virtual Result<> Opaque(const std::string& path) = 0;
  // All entries were added: directory times are set now.
  virtual Result<LayerUsage> Finish() = 0;
};

}  // namespace onggi
