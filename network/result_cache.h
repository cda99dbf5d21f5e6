// ResultCache: what was attached to which pod, in DIRECTORY, so that a detach after a crash or a
// reboot knows what to undo. Two files, each written once: replacing one would make the file system
// flush it (ext4's auto_da_alloc), which costs more than all the rest of an attach.
//
//   POD-ID.json    before anything is made: {"network": the conflist, "builtIn": bool,
//                  "pod": {"name", "namespace", "uid", "netns", "cgroup", "ports"}}
//   POD-ID.result  afterwards: the CNI result
//
// Thread-safety: any thread, different pods at once. Blocks on the file system, without fsync.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "network/conflist.h"
#include "network/network.h"

namespace onggi {

struct CachedAttachment {
  Conflist network;
  bool built_in = false;  // whether the built-in plugins were allowed: those undo what they did
  Json result;            // null when the attach did not end
  PodNetworkRequest pod;  // as far as undoing needs it
};

class ResultCache {
 public:
  explicit ResultCache(std::string directory) : directory_(std::move(directory)) {}

  Result<> PutIntent(const CachedAttachment& attachment) const;
  Result<> PutResult(const std::string& pod_id, const Json& result) const;
  // nullopt when there is none; InvalidArgument when the file is damaged.
  Result<std::optional<CachedAttachment>> Get(const std::string& pod_id) const;
  Result<> Remove(const std::string& pod_id) const;
  std::vector<std::string> PodIds() const;

 private:
  std::string PathOf(const std::string& pod_id, const char* suffix) const {
    return directory_ + "/" + pod_id + suffix;
  }
  std::string directory_;
};

}  // namespace onggi
