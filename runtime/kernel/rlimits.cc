#include "runtime/kernel/rlimits.h"

#include <sys/resource.h>

#include <set>
#include <string_view>

namespace onggi {
namespace {

struct Row {
  std::string_view name;
  __rlimit_resource resource;
};
constexpr Row kRows[] = {
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
};

}  // namespace

Result<> ApplyRlimits(const std::vector<spec::Rlimit>& limits) {
  std::set<std::string_view> seen;
  for (const spec::Rlimit& limit : limits) {
    const Row* found = nullptr;
    for (const Row& row : kRows) {
      if (row.name == limit.type) found = &row;
    }
    if (found == nullptr) return InvalidArgument("rlimit " + limit.type + " is not known");
    if (!seen.insert(limit.type).second) {
      return InvalidArgument("rlimit " + limit.type + " is given twice");
    }
    const struct rlimit value { limit.soft, limit.hard };
    if (setrlimit(found->resource, &value) != 0) return SysError("setrlimit(" + limit.type + ")");
  }
  return Ok();
}

}  // namespace onggi
