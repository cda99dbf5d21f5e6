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
  std::string cni_version;  // the highest of "cniVersions" that is known here
  bool disable_check = false;
  std::vector<Json> plugins;  // each an object with "type"
  std::string file;           // "" for the default
  Json whole;
};

// InvalidArgument naming FILE and what is wrong. Versions 0.3.0 to 1.1.0; a plugin's type is one
// path component.
Result<Conflist> ParseConflist(const std::string& text, const std::string& file);

// "1.1.0" is at least "1.1.0", "0.4.0" is not: both must be versions known here.
bool IsCniVersionAtLeast(const std::string& version, const std::string& least);

}  // namespace onggi
