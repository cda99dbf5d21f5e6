// config.json <-> Spec. Unknown members are ignored, as the specification asks; a wrong type or an
// unknown enum value is InvalidArgument naming the member. FormatSpec(ParseSpec(x)) keeps all that
// Spec holds.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi::spec {

Result<Spec> ParseSpec(std::string_view json);
std::string FormatSpec(const Spec& spec);

// The "process" member alone: what exec takes.
Result<Process> ParseProcess(std::string_view json);
std::string FormatProcess(const Process& process);

// The "linux.seccomp" member alone: a Localhost profile.
Result<Seccomp> ParseSeccomp(std::string_view json);
// The "linux.resources" member alone: update.
Result<Resources> ParseResources(std::string_view json);
std::string FormatResources(const Resources& resources);

}  // namespace onggi::spec
