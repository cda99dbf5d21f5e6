#include "engine/container/resolve_user.h"

#include <algorithm>

#include "base/strings.h"

namespace onggi {
namespace {

struct Wanted {
  std::string user;   // number or name; "" is root
  std::string group;  // number, name or ""
};

Wanted SplitUser(const std::string& text) {
  size_t colon = text.find(':');
  if (colon == std::string::npos) return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

Wanted WantedOf(const ContainerSecurity& s, const std::string& image_user) {
  Wanted wanted = SplitUser(s.user.empty() ? image_user : s.user);
  if (s.run_as_user) wanted = {std::to_string(*s.run_as_user), ""};
  if (!s.run_as_username.empty()) wanted = {s.run_as_username, ""};
  if (s.run_as_group) wanted.group = std::to_string(*s.run_as_group);
  return wanted;
}

Result<uint32_t> GroupId(const std::string& text, const UserDatabase& database) {
  TRY_ASSIGN(auto number, ParseNumericId(text));
  if (number) return *number;
  if (auto gid = database.GroupByName(text)) return *gid;
  return InvalidArgument("group " + Quote(text) + " is not in the image's /etc/group");
}

Result<ResolvedUser> Resolve(const Wanted& wanted, const UserDatabase& database,
                             const UserDatabase::User** entry) {
  ResolvedUser resolved;
  TRY_ASSIGN(auto number, ParseNumericId(wanted.user.empty() ? "0" : wanted.user));
  *entry = number ? database.ByUid(*number) : database.ByName(wanted.user);
  if (*entry == nullptr && !number) {
    return InvalidArgument("user " + Quote(wanted.user) + " is not in the image's /etc/passwd");
  }
  resolved.user.uid = *entry != nullptr ? (*entry)->uid : *number;
  if (*entry != nullptr) {
    resolved.user.gid = (*entry)->gid;
    resolved.user.username = (*entry)->name;
    const std::string& home = (*entry)->home;
    if (!home.empty() && home.front() == '/') resolved.home = home;
  }
  if (!wanted.group.empty()) {
    TRY_ASSIGN(resolved.user.gid, GroupId(wanted.group, database));
  }
  return resolved;
}

void AddGroup(std::vector<gid_t>& groups, gid_t gid) {
  if (std::find(groups.begin(), groups.end(), gid) == groups.end()) groups.push_back(gid);
}

}  // namespace

Result<ResolvedUser> ResolveUser(const ContainerSecurity& security, const std::string& image_user,
                                 const UserDatabase& database) {
  const UserDatabase::User* entry = nullptr;
  TRY_ASSIGN(ResolvedUser resolved, Resolve(WantedOf(security, image_user), database, &entry));
  AddGroup(resolved.user.additional_gids, resolved.user.gid);
  for (int64_t group : security.supplemental_groups) {
    AddGroup(resolved.user.additional_gids, static_cast<gid_t>(group));
  }
  if (security.groups_policy == SupplementalGroupsPolicy::kMerge && entry != nullptr) {
    for (uint32_t gid : database.GroupsOf(entry->name)) {
      AddGroup(resolved.user.additional_gids, gid);
    }
  }
  return resolved;
}

Result<ResolvedUser> ResolveUserText(const std::string& text, const UserDatabase& database) {
  ContainerSecurity security;
  return ResolveUser(security, text, database);
}

}  // namespace onggi
