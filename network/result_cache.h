// ResultCache: what was attached to which pod, one JSON file per pod (DIRECTORY/POD-ID.json),
// written before anything is made and again with the result, so that a detach after a crash or a
// reboot knows what to undo.
//
//   {"network": the conflist, "builtIn": bool, "result": the last result or null,
//    "pod": {"name", "namespace", "uid", "netns", "cgroup", "ports"}}
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
  Json result;
  PodNetworkRequest pod;  // as far as undoing needs it
};

class ResultCache {
 public:
  explicit ResultCache(std::string directory) : directory_(std::move(directory)) {}

  Result<> Put(const CachedAttachment& attachment) const;
  // nullopt when there is none; InvalidArgument when the file is damaged.
  Result<std::optional<CachedAttachment>> Get(const std::string& pod_id) const;
  Result<> Remove(const std::string& pod_id) const;
  std::vector<std::string> PodIds() const;

 private:
  std::string PathOf(const std::string& pod_id) const {
    return directory_ + "/" + pod_id + ".json";
  }
  std::string directory_;
};

}  // namespace onggi
