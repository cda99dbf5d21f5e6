// What people type for a container or a pod, turned into what the daemon knows: the name given to
// `run
// --name`, an id, a unique prefix of one, or a name that a kubelet gave.
//
// NotFound says what to try; InvalidArgument when more than one matches.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/client.h"

namespace onggi::cli {

// Labels on containers and pods that `onggi run` made.
inline constexpr const char* kNameLabel = "io.onggi.name";

Result<runtime::v1::Container> FindContainer(Client& client, const std::string& text);
Result<std::vector<runtime::v1::Container>> ListContainers(Client& client);
// The name to show: the label's, else the metadata's.
std::string NameOf(const runtime::v1::Container& container);

}  // namespace onggi::cli
