// Sysctls of a container: only those that live in a namespace which the container does not share
// with the host (issue of CVE-2022-0811 and CVE-2022-0532).
//
// Thread-safety: free functions.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "runtime/kernel/procfs.h"
#include "runtime/spec/spec.h"

namespace onggi {

// InvalidArgument naming the sysctl that would reach the host, or whose name is no name.
Result<> CheckSysctls(const spec::Spec& spec);

// Writes them inside the caller's namespaces, and reads each back.
Result<> WriteSysctls(const Procfs& procfs, const std::map<std::string, std::string>& sysctls);

}  // namespace onggi
