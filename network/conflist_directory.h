// ConflistDirectory: the network configurations of a directory (*.conflist, *.conf, *.json) in
// lexical order, read again when a file came, went or changed. Asking costs one readdir and one
// stat for each file, so whoever asks hears the truth and nothing has to watch the directory.
//
// Thread-safety: any thread. Blocks on the file system.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/mutex.h"
#include "network/conflist.h"

namespace onggi {

struct Conflists {
  std::vector<Conflist> valid;        // in the order of their files
  std::vector<std::string> problems;  // one line for each file that is no configuration
};

class ConflistDirectory {
 public:
  explicit ConflistDirectory(std::string path) : path_(std::move(path)) {}

  // An absent directory holds none.
  std::shared_ptr<const Conflists> Get();
  // Reads all files now.
  void Reload();

 private:
  using Signature = std::vector<std::tuple<std::string, uint64_t, int64_t, int64_t>>;
  Signature Look() const;
  std::shared_ptr<const Conflists> Read(const Signature& files) const;

  const std::string path_;
  Mutex mutex_;
  Signature signature_ GUARDED_BY(mutex_);
  std::shared_ptr<const Conflists> lists_ GUARDED_BY(mutex_);
};

}  // namespace onggi
