#include "server/places.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "base/file_io.h"
#include "base/json.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr char kRuntime[] = "onggi-runtime";

bool IsProgram(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::string OwnDirectory() {
  char path[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0) return "";
  std::string program(path, static_cast<size_t>(n));
  return program.substr(0, program.rfind('/'));
}

}  // namespace

Result<FileLock> PrepareDirectories(const Config& config) {
  TRY(MakeDirs(config.root, 0711).Wrap("root"));
  TRY(MakeDirs(config.state, 0711).Wrap("state"));
  TRY_ASSIGN(FileLock lock, FileLock::Acquire(config.root + "/lock").Wrap("root " + config.root));
  return lock;
}

Result<std::string> FindRuntime(const std::string& configured) {
  if (!configured.empty()) {
    if (IsProgram(configured)) return configured;
    return NotFound("runtime.path: " + configured + " is no program");
  }
  std::string own = OwnDirectory();
  if (!own.empty() && IsProgram(own + "/" + kRuntime)) return own + "/" + kRuntime;
  const char* path = getenv("PATH");
  for (std::string_view directory : Split(path == nullptr ? "" : path, ':')) {
    if (directory.empty() || directory[0] != '/') continue;  // never what the current directory has
    std::string candidate = std::string(directory) + "/" + kRuntime;
    if (IsProgram(candidate)) return candidate;
  }
  return NotFound(std::string(kRuntime) + " is neither in " + own +
                  " nor in PATH: set runtime.path in the configuration");
}

std::string DefaultConflist(const std::string& subnet) {
  if (subnet.empty()) return "";
  Json bridge = {{"type", "bridge"},         {"bridge", "onggi0"}, {"isGateway", true},
                 {"isDefaultGateway", true}, {"ipMasq", true},     {"hairpinMode", true}};
  bridge["ipam"]["type"] = "host-local";
  bridge["ipam"]["ranges"] = Json::array({Json::array({Json{{"subnet", subnet}}})});
  Json portmap = {{"type", "portmap"}};
  portmap["capabilities"]["portMappings"] = true;
  Json list = {{"cniVersion", "1.0.0"}, {"name", "onggi"}};
  list["plugins"] = Json::array({bridge, portmap});
  return DumpJson(list);
}

}  // namespace onggi
