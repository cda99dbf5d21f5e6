// Conflist: a CNI network configuration list (CNI specification 1.1, section 1), or a single
// plugin's file taken as a list of one.
//
// Thread-safety: plain data.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace onggi {

struct Conflist {
  std::string name;
  std::string cni_version;
  bool disable_check = false;
  std::vector<Json> plugins;  // each an object with "type"
  std::string file;           // "" for the default
  Json whole;
};

// InvalidArgument naming FILE and what is wrong. Versions 0.3.0 to 1.1.0; a plugin's type is one
// path component.
Result<Conflist> ParseConflist(const std::string& text, const std::string& file);

// The configurations of DIRECTORY (*.conflist, *.conf, *.json) in lexical order. Files that are
// none are passed over, and told in PROBLEMS. An absent directory holds none.
Result<std::vector<Conflist>> LoadConflists(const std::string& directory,
                                            std::vector<std::string>& problems);

}  // namespace onggi
