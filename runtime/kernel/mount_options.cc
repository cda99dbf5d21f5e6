#include "runtime/kernel/mount_options.h"

#include <sys/mount.h>

#include <string_view>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

namespace onggi {
namespace {

struct AttributeRow {
  std::string_view word;
  uint64_t set;
  uint64_t clear;
};
// MOUNT_ATTR_RELATIME is 0: an access-time mode is set by clearing the whole field first.
constexpr AttributeRow kAttributes[] = {
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    {"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"norelatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"nostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
};

struct PropagationRow {
  std::string_view word;
  uint64_t flag;
};
constexpr PropagationRow kPropagations[] = {
    {"private", MS_PRIVATE},
    {"shared", MS_SHARED},
    {"slave", MS_SLAVE},
    {"unbindable", MS_UNBINDABLE},
};

// Words that say nothing here: they are the default, or belong to programs above us.
constexpr std::string_view kIgnored[] = {"defaults", "async",   "nomand",   "mand", "nolazytime",
                                         "loud",     "remount", "iversion", "auto", "noauto"};

const AttributeRow* FindAttribute(std::string_view word) {
  for (const AttributeRow& row : kAttributes) {
    if (row.word == word) return &row;
  }
  return nullptr;
}

void Apply(const AttributeRow& row, uint64_t& set, uint64_t& clear) {
  set = (set & ~row.clear) | row.set;
  clear = (clear & ~row.set) | row.clear;
}

bool ApplyBindWord(std::string_view word, MountOptions& out) {
  if (word == "bind") {
    out.bind = true;
  } else if (word == "rbind") {
    out.bind = out.recursive_bind = true;
  } else if (word == "tmpcopyup") {
    out.copy_up = true;
  } else if (word == "idmap") {
    out.idmap = true;
  } else if (word == "ridmap") {
    out.idmap = out.idmap_recursive = true;
  } else {
    return false;
  }
  return true;
}

bool IsIgnored(std::string_view word) {
  for (const std::string_view ignored : kIgnored) {
    if (ignored == word) return true;
  }
  return false;
}

}  // namespace

uint64_t PropagationFlag(const std::string& word, bool& recursive) {
  std::string_view rest = word;
  recursive = !rest.empty() && rest[0] == 'r';
  if (recursive) rest.remove_prefix(1);
  for (const PropagationRow& row : kPropagations) {
    if (row.word == rest) return row.flag;
  }
  return 0;
}

MountOptions ParseMountOptions(const std::vector<std::string>& options) {
  MountOptions out;
  for (const std::string& word : options) {
    bool recursive = false;
    if (const uint64_t flag = PropagationFlag(word, recursive); flag != 0) {
      out.propagation = flag;
      out.propagation_recursive = recursive;
    } else if (const AttributeRow* row = FindAttribute(word)) {
      Apply(*row, out.attr_set, out.attr_clear);
    } else if (const AttributeRow* deep =
                   word.size() > 1 && word[0] == 'r' ? FindAttribute(word.substr(1)) : nullptr) {
      Apply(*deep, out.recursive_set, out.recursive_clear);
    } else if (!ApplyBindWord(word, out) && !IsIgnored(word)) {
      out.data.push_back(word);
    }
  }
  return out;
}

}  // namespace onggi
