#include "tests/support/source_tree.h"

#include <filesystem>

namespace onggi::testing {

std::string SourceDirectory() {
  std::filesystem::path here(__FILE__);
  if (here.is_relative()) {
    // ccache makes paths relative to the build directory, and programs stand in its bin/.
    here = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / here;
  }
  return here.lexically_normal().parent_path().parent_path().parent_path().string();
}

}  // namespace onggi::testing
