// TempDir: a fresh directory that is removed with all it holds when the object dies.
#pragma once

#include <string>

#include "base/result.h"

namespace onggi {

class TempDir {
 public:
  // PARENT must exist; mode 0700.
  static Result<TempDir> Make(const std::string& parent = "/tmp");
  TempDir(TempDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TempDir& operator=(TempDir&& other) noexcept;
  ~TempDir();

  const std::string& path() const { return path_; }
  // Keeps the directory.
  std::string Release() { return std::exchange(path_, {}); }

 private:
  explicit TempDir(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace onggi
