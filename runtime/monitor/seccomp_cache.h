// SeccompCache: profiles as BPF programs, compiled once on a node.
//
// Compiling a profile takes tens of milliseconds and leaves most of a megabyte behind, so it is
// done in a child, and what comes out is kept: in memory while a container of the pod uses it, and
// in a directory that all pods of the node share. A file there holds the whole profile and what
// compiled it; both are compared, so a file of another profile or of an older program is not used.
//
// Thread-safety: one thread. Blocks on the child. The directory must be writable for root alone:
// what is in it is loaded into containers.
#pragma once

#include <linux/filter.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi {

class SeccompCache {
 public:
  using Program = std::shared_ptr<const std::vector<sock_filter>>;

  // "" keeps nothing on disk. The directory is made when it is missing.
  explicit SeccompCache(std::string directory) : directory_(std::move(directory)) {}

  // Null when the spec has no profile. Errors: of CompileSeccomp. One of the directory costs time
  // only.
  Result<Program> Get(const spec::Spec& spec);

 private:
  Result<std::vector<sock_filter>> Load(const std::string& path, const std::string& key) const;
  void Save(const std::string& name, const std::string& key,
            const std::vector<sock_filter>& program) const;

  std::string directory_;
  std::map<std::string, std::weak_ptr<const std::vector<sock_filter>>> known_;
};

}  // namespace onggi
