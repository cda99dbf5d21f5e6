#include "server/cri/convert_common.h"

#include "base/strings.h"

namespace onggi {
namespace {

Result<NamespaceMode> ModeFromCri(const char* field, cri::NamespaceMode mode) {
  switch (mode) {
    case cri::POD:
      return NamespaceMode::kPod;
    case cri::CONTAINER:
      return NamespaceMode::kContainer;
    case cri::NODE:
      return NamespaceMode::kNode;
    case cri::TARGET:
      return NamespaceMode::kTarget;
    default:
      return InvalidArgument(std::string("namespace_options.") + field + ": unknown mode " +
                             std::to_string(mode));
  }
}

cri::NamespaceMode ModeToCri(NamespaceMode mode) {
  switch (mode) {
    case NamespaceMode::kPod:
      return cri::POD;
    case NamespaceMode::kContainer:
      return cri::CONTAINER;
    case NamespaceMode::kNode:
      return cri::NODE;
    case NamespaceMode::kTarget:
      return cri::TARGET;
  }
  return cri::POD;
}

}  // namespace

StringMap MapFromCri(const CriMap& map) {
  return {map.begin(), map.end()};
}

void MapToCri(const StringMap& from, CriMap* to) {
  for (const auto& [key, value] : from) (*to)[key] = value;
}

std::vector<std::string> StringsFromCri(const CriStrings& list) {
  return {list.begin(), list.end()};
}

void StringsToCri(const std::vector<std::string>& from, CriStrings* to) {
  for (const std::string& item : from) to->Add(std::string(item));
}

std::vector<spec::IdMapping> IdMappingsFromCri(const CriIdMappings& list) {
  std::vector<spec::IdMapping> mappings;
  for (const cri::IDMapping& row : list) {
    mappings.push_back({row.container_id(), row.host_id(), row.length()});
  }
  return mappings;
}

void IdMappingsToCri(const std::vector<spec::IdMapping>& from, CriIdMappings* to) {
  for (const spec::IdMapping& row : from) {
    cri::IDMapping* out = to->Add();
    out->set_container_id(row.container_id);
    out->set_host_id(row.host_id);
    out->set_length(row.size);
  }
}

Resources ResourcesFromCri(const cri::LinuxContainerResources& from) {
  Resources to;
  to.cpu_period_us = from.cpu_period();
  to.cpu_quota_us = from.cpu_quota();
  to.cpu_shares = from.cpu_shares();
  to.memory_limit_bytes = from.memory_limit_in_bytes();
  to.memory_swap_limit_bytes = from.memory_swap_limit_in_bytes();
  to.oom_score_adj = from.oom_score_adj();
  to.cpuset_cpus = from.cpuset_cpus();
  to.cpuset_mems = from.cpuset_mems();
  for (const cri::HugepageLimit& row : from.hugepage_limits()) {
    to.hugepage_limits.push_back({row.page_size(), row.limit()});
  }
  to.unified = MapFromCri(from.unified());
  return to;
}

void ResourcesToCri(const Resources& from, cri::LinuxContainerResources* to) {
  to->set_cpu_period(from.cpu_period_us);
  to->set_cpu_quota(from.cpu_quota_us);
  to->set_cpu_shares(from.cpu_shares);
  to->set_memory_limit_in_bytes(from.memory_limit_bytes);
  to->set_memory_swap_limit_in_bytes(from.memory_swap_limit_bytes);
  to->set_oom_score_adj(from.oom_score_adj);
  to->set_cpuset_cpus(from.cpuset_cpus);
  to->set_cpuset_mems(from.cpuset_mems);
  for (const spec::Hugepage& row : from.hugepage_limits) {
    cri::HugepageLimit* out = to->add_hugepage_limits();
    out->set_page_size(row.page_size);
    out->set_limit(row.limit);
  }
  MapToCri(from.unified, to->mutable_unified());
}

Result<NamespaceOptions> NamespacesFromCri(const cri::NamespaceOption& from) {
  NamespaceOptions to;
  TRY_ASSIGN(to.network, ModeFromCri("network", from.network()));
  TRY_ASSIGN(to.pid, ModeFromCri("pid", from.pid()));
  TRY_ASSIGN(to.ipc, ModeFromCri("ipc", from.ipc()));
  to.target_id = from.target_id();
  if (from.has_userns_options()) {
    UserNamespace user;
    TRY_ASSIGN(user.mode, ModeFromCri("userns_options.mode", from.userns_options().mode()));
    user.uids = IdMappingsFromCri(from.userns_options().uids());
    user.gids = IdMappingsFromCri(from.userns_options().gids());
    to.user = std::move(user);
  }
  return to;
}

void NamespacesToCri(const NamespaceOptions& from, cri::NamespaceOption* to) {
  to->set_network(ModeToCri(from.network));
  to->set_pid(ModeToCri(from.pid));
  to->set_ipc(ModeToCri(from.ipc));
  to->set_target_id(from.target_id);
  if (!from.user) return;
  to->mutable_userns_options()->set_mode(ModeToCri(from.user->mode));
  IdMappingsToCri(from.user->uids, to->mutable_userns_options()->mutable_uids());
  IdMappingsToCri(from.user->gids, to->mutable_userns_options()->mutable_gids());
}

SelinuxOptions SelinuxFromCri(const cri::SELinuxOption& from) {
  return {from.user(), from.role(), from.type(), from.level()};
}

Result<std::optional<SecurityProfile>> ProfileFromCri(const std::string& field,
                                                      const cri::SecurityProfile* profile,
                                                      const std::string& text) {
  using Type = SecurityProfile::Type;
  using Profile = std::optional<SecurityProfile>;
  if (profile != nullptr) {
    switch (profile->profile_type()) {
      case cri::SecurityProfile::RuntimeDefault:
        return Profile({Type::kRuntimeDefault, ""});
      case cri::SecurityProfile::Unconfined:
        return Profile({Type::kUnconfined, ""});
      case cri::SecurityProfile::Localhost:
        return Profile({Type::kLocalhost, profile->localhost_ref()});
      default:
        return InvalidArgument(field + ": unknown profile_type " +
                               std::to_string(profile->profile_type()));
    }
  }
  constexpr std::string_view kLocal = "localhost/";
  if (text.empty()) return Profile();
  if (text == "runtime/default" || text == "docker/default") {
    return Profile({Type::kRuntimeDefault, ""});
  }
  if (text == "unconfined") return Profile({Type::kUnconfined, ""});
  if (text.compare(0, kLocal.size(), kLocal) == 0) {
    return Profile({Type::kLocalhost, text.substr(kLocal.size())});
  }
  return InvalidArgument(
      field + ": expected runtime/default, unconfined or localhost/NAME, found " + Quote(text));
}

}  // namespace onggi
