#include "engine/pod/sysctl_rules.h"

#include <algorithm>
#include <string_view>

#include "base/strings.h"

namespace onggi {
namespace {

enum class Scope { kIpc, kNetwork, kUts, kUser };

struct Rule {
  std::string_view name;
  bool prefix;
  Scope scope;
};

constexpr Rule kRules[] = {
    {"kernel/msgmax", false, Scope::kIpc},     {"kernel/msgmnb", false, Scope::kIpc},
    {"kernel/msgmni", false, Scope::kIpc},     {"kernel/sem", false, Scope::kIpc},
    {"kernel/shmall", false, Scope::kIpc},     {"kernel/shmmax", false, Scope::kIpc},
    {"kernel/shmmni", false, Scope::kIpc},     {"kernel/shm_rmid_forced", false, Scope::kIpc},
    {"fs/mqueue/", true, Scope::kIpc},         {"net/", true, Scope::kNetwork},
    {"kernel/domainname", false, Scope::kUts}, {"user/", true, Scope::kUser},
};

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= 256 && name.front() != '.' && name.front() != '/' &&
         name.back() != '.' && name.back() != '/' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '_' ||
                              c == '-' || c == '@';
                     }) &&
         name.find("..") == std::string_view::npos && name.find("//") == std::string_view::npos;
}

bool IsValue(std::string_view value) {
  return !value.empty() && value.size() <= 4096 &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
         });
}

const Rule* RuleOf(std::string_view path) {
  for (const Rule& rule : kRules) {
    if (rule.prefix ? path.rfind(rule.name, 0) == 0 && path.size() > rule.name.size()
                    : path == rule.name) {
      return &rule;
    }
  }
  return nullptr;
}

std::string_view WhyNot(Scope scope, const NamespaceOptions& namespaces) {
  switch (scope) {
    case Scope::kIpc:
      return namespaces.ipc == NamespaceMode::kNode ? "the pod uses the host's ipc namespace" : "";
    case Scope::kNetwork:
    case Scope::kUts:  // the uts namespace is shared with the host together with the network
      return namespaces.network == NamespaceMode::kNode ? "the pod uses the host's network" : "";
    case Scope::kUser:
      return !namespaces.user || namespaces.user->mode == NamespaceMode::kNode
                 ? "the pod has no user namespace"
                 : "";
  }
  return "unknown namespace";
}

}  // namespace

std::string SysctlPath(const std::string& name) {
  // As sysctl(8): the first separator that appears says which character it is.
  std::string path = name;
  size_t first = path.find_first_of("./");
  if (first == std::string::npos || path[first] == '/') return path;
  for (char& c : path) {
    if (c == '.') {
      c = '/';
    } else if (c == '/') {
      c = '.';
    }
  }
  return path;
}

Result<> CheckSysctls(const StringMap& sysctls, const NamespaceOptions& namespaces) {
  for (const auto& [name, value] : sysctls) {
    std::string field = "linux.sysctls[" + Quote(name) + "]";
    if (!IsName(name)) {
      return InvalidArgument(field + ": not a sysctl name (letters, digits, '.', '/', '_', '-')");
    }
    if (!IsValue(value)) return InvalidArgument(field + ": bad value " + Quote(value));
    std::string path = SysctlPath(name);
    const Rule* rule = path.find("../") == std::string::npos ? RuleOf(path) : nullptr;
    if (rule == nullptr) {
      return InvalidArgument(field +
                             ": not kept apart by a namespace; allowed are net.*, fs.mqueue.*, "
                             "kernel.msg*, kernel.sem, kernel.shm*, kernel.domainname, user.*");
    }
    if (std::string_view why = WhyNot(rule->scope, namespaces); !why.empty()) {
      return InvalidArgument(field + ": not allowed because " + std::string(why));
    }
  }
  return Ok();
}

}  // namespace onggi
