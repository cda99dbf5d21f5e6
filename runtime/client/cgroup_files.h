// What the two generations of cgroups share: paths, small file writes, and walks. Internal to
// runtime/client.
//
// Thread-safety: free functions, no state.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/client/cgroup.h"

namespace onggi {

// The mounts of this node, detected once per process.
Result<const CgroupMounts*> KnownCgroups();

// "/a/b" with every component checked; InvalidArgument otherwise.
Result<std::vector<std::string>> CgroupComponents(const std::string& path);

// One write to DIR/FILE; the error names both the file and the value.
Result<> WriteCgroupFile(const std::string& dir, const std::string& file, std::string_view value);
bool CgroupFileExists(const std::string& dir, const std::string& file);

// DIR and every directory below it, deepest first.
std::vector<std::string> CgroupTree(const std::string& dir);

// The groups of one generation, made from the hierarchy's mount down.
Result<> MakeV1Dirs(const CgroupHierarchy& hierarchy, const std::vector<std::string>& components);
Result<> MakeV2Dirs(const CgroupHierarchy& hierarchy, const std::vector<std::string>& components);

Result<> ApplyV1(const Cgroup& group, const spec::Resources& resources);
Result<> ApplyV2(const std::string& dir, const spec::Resources& resources);

Result<> ApplyHugepagesV2(const std::string& dir, const std::vector<spec::Hugepage>& limits);
// Enables all controllers from the root of a cgroup2 MOUNT down to the parent of PATH.
void EnableControllersAbove(const std::string& mount, const std::string& path);

// Device rules as a program of type BPF_PROG_TYPE_CGROUP_DEVICE that takes the place of the one
// before.
Result<> AttachDeviceProgram(const std::string& dir, const std::vector<spec::DeviceRule>& rules);

}  // namespace onggi
