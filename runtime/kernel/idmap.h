// Id maps of user namespaces (user_namespaces(7)).
//
// Thread-safety: free functions, single-threaded caller (MakeMappingNamespace clones a child).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/kernel/procfs.h"
#include "runtime/spec/spec.h"

namespace onggi {

// Writes the maps of the process PID, which has just got its own user namespace.
Result<> WriteIdMaps(const Procfs& procfs, pid_t pid, const std::vector<spec::IdMapping>& uids,
                     const std::vector<spec::IdMapping>& gids);

// A user namespace that only carries maps, for MOUNT_ATTR_IDMAP. Costs one short-lived child.
Result<UniqueFd> MakeMappingNamespace(const std::vector<spec::IdMapping>& uids,
                                      const std::vector<spec::IdMapping>& gids);

// "0 100000 65536\n" per mapping.
std::string FormatIdMap(const std::vector<spec::IdMapping>& mappings);

}  // namespace onggi
