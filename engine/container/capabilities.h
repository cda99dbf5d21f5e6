// Capabilities of a container: the default list, "ALL", additions and removals (CRI's Capability,
// Docker's --cap-add and --cap-drop), made into the five sets of the specification.
//
// Inheritable and ambient stay empty unless asked for (CVE-2022-24769 and its kin).
//
// Thread-safety: free functions; the list of the kernel is read once.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/container/container_config.h"
#include "runtime/spec/spec.h"

namespace onggi {

// The nine that a container has when its configuration says nothing (CRI-O's list).
const std::vector<std::string>& DefaultCapabilities();

// "chown", "CAP_CHOWN" -> "CAP_CHOWN"; "" for what is no capability.
std::string CapabilityName(const std::string& name);
// Every capability that this kernel knows and this process may give.
const std::vector<std::string>& AllCapabilities();

// InvalidArgument naming FIELD and the unknown name. "ALL" is known.
Result<> CheckCapabilityNames(const std::string& field, const std::vector<std::string>& names);

// The sets for SECURITY, starting from DEFAULTS. "ALL" counts first, whatever its place; then the
// single additions, then the single removals.
spec::Capabilities ResolveCapabilities(const ContainerSecurity& security,
                                       const std::vector<std::string>& defaults);

}  // namespace onggi
