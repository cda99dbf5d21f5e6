#include "runtime/kernel/namespaces.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "base/file_io.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace onggi {
namespace {

struct Row {
  std::string_view type;
  std::string_view file;
  uint64_t flag;
};
constexpr Row kRows[] = {
    {"user", "user", CLONE_NEWUSER},       {"mount", "mnt", CLONE_NEWNS},
    {"pid", "pid", CLONE_NEWPID},          {"network", "net", CLONE_NEWNET},
    {"ipc", "ipc", CLONE_NEWIPC},          {"uts", "uts", CLONE_NEWUTS},
    {"cgroup", "cgroup", CLONE_NEWCGROUP}, {"time", "time", CLONE_NEWTIME},
};

}  // namespace

uint64_t NamespaceFlag(std::string_view type) {
  for (const Row& row : kRows) {
    if (row.type == type) return row.flag;
  }
  return 0;
}

std::string_view NamespaceFile(std::string_view type) {
  for (const Row& row : kRows) {
    if (row.type == type) return row.file;
  }
  return {};
}

Result<UniqueFd> OpenNamespace(const std::string& type, const std::string& path) {
  TRY_ASSIGN(UniqueFd fd, Open(path, O_RDONLY));
  const int kind = ioctl(fd.get(), NS_GET_NSTYPE);
  if (kind < 0 || static_cast<uint64_t>(kind) != NamespaceFlag(type)) {
    return InvalidArgument(path + " is no " + type + " namespace");
  }
  return fd;
}

bool HasNamespace(const spec::Spec& spec, std::string_view type) {
  for (const spec::Namespace& space : spec.linux_.namespaces) {
    if (space.type == type) return true;
  }
  return false;
}

}  // namespace onggi
