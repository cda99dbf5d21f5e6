// containerd's certs.d: DIR/HOST/hosts.toml (or HOST_PORT_, then _default), and beside it the
// certificates that Docker keeps there (*.crt; NAME.cert with NAME.key).
//
// Where the behaviour comes from: containerd's docs/hosts.md. Unknown keys are passed over, as
// there.
//
// Thread-safety: any thread. Blocks on disk.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/registry/endpoint.h"

namespace onggi {

// The endpoints in order, the host's own (server) last; nothing when DIRECTORY says nothing of
// DOMAIN. InvalidArgument naming the file.
Result<std::optional<std::vector<Endpoint>>> ReadHostsDirectory(const std::string& directory,
                                                                const std::string& domain);

}  // namespace onggi
