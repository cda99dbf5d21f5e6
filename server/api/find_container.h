// The container that a person means: the name given to `onggi run --name`, a metadata name, an id
// or a unique prefix of one. NotFound with the way out, or InvalidArgument when more than one fits.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/engine.h"

namespace onggi {

// Label on what `onggi run` made.
inline constexpr const char* kContainerNameLabel = "io.onggi.name";

Result<ContainerStatus> FindContainer(Engine& engine, const std::string& text);

}  // namespace onggi
