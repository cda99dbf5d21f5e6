// CDI: devices that a vendor describes in JSON files ("vendor.com/class=name"), as the Container
// Device Interface 1.0 specifies. Only JSON is read; a .yaml file in the directories is left alone.
//
// Thread-safety: const methods from any thread. Load reads the directories each time: they change
// while the daemon runs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "runtime/spec/spec.h"

namespace onggi {

const std::vector<std::string>& DefaultCdiDirs();

class CdiRegistry {
 public:
  // Later directories win over earlier ones. A file that does not parse is left out, and named when
  // a device is not found. A directory that is missing is empty.
  static Result<CdiRegistry> Load(const std::vector<std::string>& dirs);

  // Adds what the named devices bring: environment, nodes, mounts, hooks. InvalidArgument naming a
  // device that nobody describes.
  Result<> Inject(const std::vector<std::string>& names, spec::Spec& spec) const;

 private:
  Result<> LoadFile(const std::string& path);

  std::map<std::string, Json> devices_;  // qualified name -> containerEdits
  std::map<std::string, Json> common_;   // kind -> containerEdits of the whole file
  std::vector<std::string> damaged_;
};

}  // namespace onggi
