// What can be read about the process itself.
#include <dirent.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <memory>

#include "base/file_io.h"
#include "base/strings.h"
#include "tests/support/probe/probe.h"

namespace onggi::probe {
namespace {

std::string Text(const std::string& path) {
  Result<std::string> text = ReadFile(path);
  return text ? std::string(Trim(*text)) : "";
}

Json StatusFields() {
  Json fields = Json::object();
  const std::string status = Text("/proc/self/status");
  for (std::string_view line : Split(status, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string key(line.substr(0, colon));
    for (const char* wanted : {"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd",
                               "CapAmb", "NoNewPrivs", "Seccomp", "Umask", "Cpus_allowed_list"}) {
      if (key == wanted) fields[key] = std::string(Trim(line.substr(colon + 1)));
    }
  }
  return fields;
}

Json Limits() {
  Json limits = Json::object();
  for (int i = 0; i < RLIM_NLIMITS; ++i) {
    rlimit value{};
    if (getrlimit(static_cast<__rlimit_resource>(i), &value) != 0) continue;
    limits[std::to_string(i)] = {value.rlim_cur, value.rlim_max};
  }
  return limits;
}

}  // namespace

Json Identity() {
  Json json = StatusFields();
  json["limits"] = Limits();
  json["oomScoreAdj"] = Text("/proc/self/oom_score_adj");
  json["uidMap"] = Text("/proc/self/uid_map");
  json["gidMap"] = Text("/proc/self/gid_map");
  json["cgroup"] = Text("/proc/self/cgroup");
  json["label"] = Text("/proc/self/attr/current");
  json["pid"] = getpid();
  json["sessionKeyring"] = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
  char cwd[PATH_MAX] = {};
  json["cwd"] = syscall(SYS_getcwd, cwd, sizeof(cwd)) > 0 ? cwd : "";
  json["env"] = Json::array();
  for (char** entry = environ; *entry != nullptr; ++entry) json["env"].push_back(*entry);
  return json;
}

Json Namespaces() {
  Json json = Json::object();
  for (const char* name : {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}) {
    struct stat st {};
    const std::string path = std::string("/proc/self/ns/") + name;
    if (stat(path.c_str(), &st) == 0) json[name] = st.st_ino;
  }
  return json;
}

Json Mounts() {
  Json list = Json::array();
  const std::string text = Text("/proc/self/mountinfo");
  for (std::string_view line : Split(text, '\n')) {
    const std::vector<std::string_view> fields = Split(line, ' ');
    size_t dash = 6;
    Json tags = Json::array();
    while (dash < fields.size() && fields[dash] != "-") tags.push_back(fields[dash++]);
    if (fields.size() < dash + 4) continue;
    list.push_back(Json{{"root", fields[3]},
                        {"at", fields[4]},
                        {"options", fields[5]},
                        {"propagation", tags},
                        {"type", fields[dash + 1]},
                        {"super", fields[dash + 3]}});
  }
  return list;
}

Json Descriptors() {
  Json json = Json::object();
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir("/proc/self/fd"), &closedir);
  while (const dirent* entry = handle ? readdir(handle.get()) : nullptr) {
    const std::string name = entry->d_name;
    if (name[0] == '.' || name == std::to_string(dirfd(handle.get()))) continue;
    char target[PATH_MAX] = {};
    (void)!readlink(("/proc/self/fd/" + name).c_str(), target, sizeof(target) - 1);
    struct stat st {};
    (void)fstat(atoi(name.c_str()), &st);
    json[name] = Json{{"target", target}, {"directory", S_ISDIR(st.st_mode)}};
  }
  return json;
}

}  // namespace onggi::probe
