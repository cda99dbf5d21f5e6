// TempTree: a directory of its own for one test, with short verbs to fill it and look at it.
// Removed when it dies. A verb that fails aborts: a test that cannot set its stage has nothing to
// say.
#pragma once

#include <string>
#include <string_view>

#include "base/temp_dir.h"

namespace onggi::testing {

class TempTree {
 public:
  TempTree();
  // Below PARENT, for a test that needs a certain file system.
  explicit TempTree(const std::string& parent);

  const std::string& path() const { return dir_.path(); }
  // NAME below the tree.
  std::string operator/(std::string_view name) const;

  // Missing parents are made; each returns the whole path.
  std::string Dir(std::string_view name, mode_t mode = 0755);
  std::string File(std::string_view name, std::string_view text = "", mode_t mode = 0644);
  std::string Symlink(std::string_view name, const std::string& target);

  std::string Read(std::string_view name) const;  // "" when it can't be read
  bool Exists(std::string_view name) const;       // without following a last link

 private:
  TempDir dir_;
};

}  // namespace onggi::testing
