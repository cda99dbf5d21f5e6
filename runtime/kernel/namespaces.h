// Namespaces: the specification's names and the kernel's flags (namespaces(7)).
//
// Thread-safety: free functions without state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace onggi {

// CLONE_NEW* of "pid", "network", ...; 0 when TYPE is none of them.
uint64_t NamespaceFlag(std::string_view type);
// The name below /proc/PID/ns: "net" for "network".
std::string_view NamespaceFile(std::string_view type);

// Opens a namespace by path and proves that it is one of TYPE. InvalidArgument otherwise.
Result<UniqueFd> OpenNamespace(const std::string& type, const std::string& path);

// True when SPEC lists TYPE, new or joined.
bool HasNamespace(const spec::Spec& spec, std::string_view type);

}  // namespace onggi
