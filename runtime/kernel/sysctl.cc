#include "runtime/kernel/sysctl.h"

#include <algorithm>
#include <string_view>

#include "base/strings.h"
#include "runtime/kernel/namespaces.h"

namespace onggi {
namespace {

struct Row {
  std::string_view name;  // whole, or a prefix when it ends in '.'
  std::string_view space;
};
constexpr Row kRows[] = {
    {"kernel.msgmax", "ipc"}, {"kernel.msgmnb", "ipc"},          {"kernel.msgmni", "ipc"},
    {"kernel.sem", "ipc"},    {"kernel.shmall", "ipc"},          {"kernel.shmmax", "ipc"},
    {"kernel.shmmni", "ipc"}, {"kernel.shm_rmid_forced", "ipc"}, {"fs.mqueue.", "ipc"},
    {"net.", "network"},      {"kernel.domainname", "uts"},      {"kernel.hostname", "uts"},
    {"user.", "user"},
};

// "net.ipv4.ip_forward" and "net/ipv4/ip_forward" are the same; with slashes, dots belong to names
// of interfaces.
std::string Normal(const std::string& name) {
  if (name.find('/') == std::string::npos) return name;
  std::string out = name;
  for (char& c : out) c = c == '/' ? '.' : c == '.' ? '/' : c;
  return out;
}

std::string PathOf(const std::string& name) {
  std::string out = Normal(name);
  for (char& c : out) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return "sys/" + out;
}

std::string_view SpaceOf(const std::string& normal) {
  for (const Row& row : kRows) {
    const bool prefix = row.name.back() == '.';
    if (prefix ? normal.compare(0, row.name.size(), row.name) == 0 : normal == row.name) {
      return row.space;
    }
  }
  return {};
}

// Every component has a letter or digit: none is empty, "." or "..", in either way of writing.
bool IsName(const std::string& normal) {
  for (std::string_view component : Split(normal, '.')) {
    if (std::none_of(component.begin(), component.end(),
                     [](unsigned char c) { return isalnum(c) != 0; })) {
      return false;
    }
  }
  return std::all_of(normal.begin(), normal.end(), [](unsigned char c) {
    return isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '/' || c == '@';
  });
}

}  // namespace

Result<> CheckSysctls(const spec::Spec& spec) {
  for (const auto& [name, value] : spec.linux_.sysctl) {
    const std::string normal = Normal(name);
    if (!IsName(normal) || value.find('\0') != std::string::npos) {
      return InvalidArgument("sysctl " + Quote(name) + " is not well-formed");
    }
    const std::string_view space = SpaceOf(normal);
    if (space.empty()) return InvalidArgument("sysctl " + name + " belongs to the whole host");
    if (!HasNamespace(spec, space)) {
      return InvalidArgument("sysctl " + name + " needs an own " + std::string(space) +
                             " namespace");
    }
  }
  return Ok();
}

Result<> WriteSysctls(const Procfs& procfs, const std::map<std::string, std::string>& sysctls) {
  for (const auto& [name, value] : sysctls) {
    TRY(procfs.WriteAndVerify(PathOf(name), value).Wrap("sysctl " + name));
  }
  return Ok();
}

}  // namespace onggi
