// HostSnapshot: what of the host a container engine could leave behind. Take one before and one
// after; the difference must be empty (promise 6 of the design).
//
// Blocks: runs ip and nft. Thread-safety: a value.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/result.h"

namespace onggi::testing {

class HostSnapshot {
 public:
  // Mounts, network interfaces and addresses, nft rules, cgroup directories, network namespaces in
  // use, and processes of onggi-runtime.
  static Result<HostSnapshot> Take();

  // One line for each thing that is there now and was not, or the other way round; "" when equal.
  std::string DifferenceTo(const HostSnapshot& later) const;

 private:
  std::map<std::string, std::set<std::string>> kinds_;
};

}  // namespace onggi::testing
