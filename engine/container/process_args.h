// What a container runs: command and arguments, environment and working directory, from its
// configuration and its image.
//
// Thread-safety: free functions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/container/container_config.h"
#include "image/image.h"

namespace onggi {

// `command` replaces ENTRYPOINT and drops CMD; `args` alone replace CMD. InvalidArgument when
// nothing is left to run.
Result<std::vector<std::string>> ResolveArgs(const ContainerConfig& config,
                                             const ImageConfig& image);

struct EnvironmentInput {
  const ContainerConfig* config = nullptr;
  const ImageConfig* image = nullptr;
  std::string hostname;
  std::string home;
};
// PATH, HOSTNAME, TERM (terminals) and HOME where nobody gives them; then the image's in order;
// then the configuration's, which replace those of the same name in their place. Entries of the
// image without '=' are dropped (CVE-2026-57231: they would name the daemon's own variables).
std::vector<std::string> ResolveEnvironment(const EnvironmentInput& input);

// The configuration's, else the image's, else "/". InvalidArgument when it is not absolute.
Result<std::string> ResolveWorkingDir(const ContainerConfig& config, const ImageConfig& image);

// "SIGTERM", "TERM", "15", "RTMIN+3"; 0 when it names none.
int ParseSignal(const std::string& text);

}  // namespace onggi
