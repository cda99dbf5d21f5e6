#include "engine/cdi/cdi.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

Result<> AddNode(const Json& json, spec::Spec& spec) {
  spec::Device node;
  TRY_ASSIGN(node.path, JsonString(json, "path"));
  TRY_ASSIGN(std::string host, JsonString(json, "hostPath", node.path));
  TRY_ASSIGN(node.type, JsonString(json, "type"));
  TRY_ASSIGN(node.major, JsonInt(json, "major"));
  TRY_ASSIGN(node.minor, JsonInt(json, "minor"));
  TRY_ASSIGN(std::string access, JsonString(json, "permissions", "rwm"));
  struct stat st {};
  if (node.type.empty() || (node.major == 0 && node.minor == 0)) {
    if (stat(host.c_str(), &st) != 0)
      return InvalidArgument("CDI device node " + Quote(host) + " is missing");
    node.type = S_ISBLK(st.st_mode) ? "b" : "c";
    node.major = major(st.st_rdev);
    node.minor = minor(st.st_rdev);
    node.file_mode = st.st_mode & 07777;
  }
  spec::DeviceRule rule;
  rule.allow = true;
  rule.type = node.type;
  rule.major = node.major;
  rule.minor = node.minor;
  rule.access = access;
  spec.linux_.devices.push_back(std::move(node));
  spec.linux_.resources.devices.push_back(std::move(rule));
  return Ok();
}

Result<> AddMount(const Json& json, spec::Spec& spec) {
  spec::Mount mount;
  TRY_ASSIGN(mount.source, JsonString(json, "hostPath"));
  TRY_ASSIGN(mount.destination, JsonString(json, "containerPath"));
  TRY_ASSIGN(mount.type, JsonString(json, "type", "bind"));
  TRY_ASSIGN(mount.options, JsonStrings(json, "options"));
  if (mount.options.empty()) mount.options = {"rbind", "ro", "nosuid", "nodev"};
  spec.mounts.push_back(std::move(mount));
  return Ok();
}

Result<> AddHook(const Json& json, spec::Hooks& hooks) {
  TRY_ASSIGN(std::string name, JsonString(json, "hookName"));
  spec::Hook hook;
  TRY_ASSIGN(hook.path, JsonString(json, "path"));
  TRY_ASSIGN(hook.args, JsonStrings(json, "args"));
  TRY_ASSIGN(hook.env, JsonStrings(json, "env"));
  struct Place {
    const char* name;
    std::vector<spec::Hook>* list;
  };
  for (const Place& place : {Place{"prestart", &hooks.prestart},
                             {"createRuntime", &hooks.create_runtime},
                             {"createContainer", &hooks.create_container},
                             {"startContainer", &hooks.start_container},
                             {"poststart", &hooks.poststart},
                             {"poststop", &hooks.poststop}}) {
    if (name == place.name) {
      place.list->push_back(std::move(hook));
      return Ok();
    }
  }
  return InvalidArgument("CDI hook name " + Quote(name) + " is unknown");
}

Result<> Apply(const Json& edits, spec::Spec& spec) {
  TRY_ASSIGN(std::vector<std::string> env, JsonStrings(edits, "env"));
  for (std::string& entry : env) {
    if (entry.find('=') != std::string::npos) spec.process->env.push_back(std::move(entry));
  }
  TRY_ASSIGN(Json nodes, JsonArray(edits, "deviceNodes"));
  for (const Json& node : nodes) TRY(AddNode(node, spec));
  TRY_ASSIGN(Json mounts, JsonArray(edits, "mounts"));
  for (const Json& mount : mounts) TRY(AddMount(mount, spec));
  TRY_ASSIGN(Json hooks, JsonArray(edits, "hooks"));
  for (const Json& hook : hooks) TRY(AddHook(hook, spec.hooks));
  TRY_ASSIGN(Json gids, JsonArray(edits, "additionalGids"));
  for (const Json& gid : gids) {
    if (gid.is_number_unsigned()) {
      spec.process->user.additional_gids.push_back(static_cast<gid_t>(gid.get<uint64_t>()));
    }
  }
  return Ok();
}

}  // namespace

const std::vector<std::string>& DefaultCdiDirs() {
  static const std::vector<std::string> dirs = {"/etc/cdi", "/var/run/cdi"};
  return dirs;
}

Result<> CdiRegistry::LoadFile(const std::string& path) {
  TRY_ASSIGN(std::string text, ReadFile(path, 4 << 20));
  TRY_ASSIGN(Json json, ParseJson(text));
  TRY_ASSIGN(std::string kind, JsonString(json, "kind"));
  TRY_ASSIGN(Json devices, JsonArray(json, "devices"));
  TRY_ASSIGN(common_[kind], JsonObject(json, "containerEdits"));
  for (const Json& device : devices) {
    TRY_ASSIGN(std::string name, JsonString(device, "name"));
    TRY_ASSIGN(devices_[kind + "=" + name], JsonObject(device, "containerEdits"));
  }
  return Ok();
}

Result<CdiRegistry> CdiRegistry::Load(const std::vector<std::string>& dirs) {
  CdiRegistry registry;
  for (const std::string& path : dirs) {
    std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(path.c_str()), closedir);
    if (!dir) continue;
    std::set<std::string> names;
    while (dirent* entry = readdir(dir.get())) names.insert(entry->d_name);
    for (const std::string& name : names) {
      if (name.size() < 6 || name.compare(name.size() - 5, 5, ".json") != 0) continue;
      auto loaded = registry.LoadFile(path + "/" + name);
      if (!loaded) registry.damaged_.push_back(path + "/" + name + ": " + loaded.error().message());
    }
  }
  return registry;
}

Result<> CdiRegistry::Inject(const std::vector<std::string>& names, spec::Spec& spec) const {
  std::set<std::string> kinds;
  for (const std::string& name : names) {
    auto at = devices_.find(name);
    if (at == devices_.end()) {
      std::string why = damaged_.empty() ? "" : " (left out: " + Join(damaged_, "; ") + ")";
      return InvalidArgument("CDI_devices.name: " + Quote(name) +
                             " is described by no file in /etc/cdi or /var/run/cdi" + why);
    }
    std::string kind = name.substr(0, name.find('='));
    if (kinds.insert(kind).second) {
      if (auto common = common_.find(kind); common != common_.end()) {
        TRY(Apply(common->second, spec).Wrap("CDI device " + name));
      }
    }
    TRY(Apply(at->second, spec).Wrap("CDI device " + name));
  }
  return Ok();
}

}  // namespace onggi
