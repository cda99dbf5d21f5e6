#include "base/temp_dir.h"

#include <cstdlib>

#include "base/file_io.h"

namespace onggi {

Result<TempDir> TempDir::Make(const std::string& parent) {
  std::string path = parent + "/onggi-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return SysError("mkdtemp(" + parent + ")");
  return TempDir(std::move(path));
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this != &other) {
    if (!path_.empty()) (void)RemoveTree(path_);  // best effort, as in the destructor
    path_ = std::exchange(other.path_, {});
  }
  return *this;
}

TempDir::~TempDir() {
  if (!path_.empty()) (void)RemoveTree(path_);  // a destructor has nobody to tell
}

}  // namespace onggi
