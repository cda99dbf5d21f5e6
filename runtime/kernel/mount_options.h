// Mount options: the words of config.json's mounts (those of mount(8), plus what runc added: r*
// variants that go down the tree, tmpcopyup, idmap) as flags, and the rest as data.
//
// Thread-safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace onggi {

struct MountOptions {
  uint64_t attr_set = 0;  // MOUNT_ATTR_* of this mount
  uint64_t attr_clear = 0;
  uint64_t recursive_set = 0;  // the same for the whole tree below it
  uint64_t recursive_clear = 0;
  uint64_t propagation = 0;  // MS_PRIVATE, ...; 0 for none asked
  bool propagation_recursive = false;
  bool bind = false;
  bool recursive_bind = false;
  bool copy_up = false;
  bool idmap = false;
  bool idmap_recursive = false;
  std::vector<std::string> data;  // "size=64m", "sync": for the file system
};

// Later options win. Unknown words are data; the file system judges them.
MountOptions ParseMountOptions(const std::vector<std::string>& options);

// MS_* of a propagation word ("rslave"); 0 when it is none. RECURSIVE tells about the "r".
uint64_t PropagationFlag(const std::string& word, bool& recursive);

}  // namespace onggi
