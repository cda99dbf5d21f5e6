#include "engine/container/user_database.h"

#include <algorithm>

#include "base/strings.h"

namespace onggi {
namespace {

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<uint32_t> Id(std::string_view text) {
  auto value = AllDigits(text) ? ParseUint(text) : std::nullopt;
  if (!value || *value > INT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(*value);
}

// Calls EACH with the fields of every line that has at least FIELDS of them.
template <typename Each>
void ForLines(std::string_view text, size_t fields, const Each& each) {
  for (std::string_view line : Split(text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string_view> parts = Split(line, ':');
    if (parts.size() < fields || parts[0].empty() || AllDigits(parts[0])) continue;
    each(parts);
  }
}

}  // namespace

UserDatabase::UserDatabase(std::string_view passwd, std::string_view group) {
  ForLines(passwd, 6, [&](const std::vector<std::string_view>& f) {
    auto uid = Id(f[2]), gid = Id(f[3]);
    if (!uid || !gid) return;
    users_.push_back({std::string(f[0]), *uid, *gid, std::string(f[5])});
  });
  ForLines(group, 3, [&](const std::vector<std::string_view>& f) {
    auto gid = Id(f[2]);
    if (!gid) return;
    Group entry{std::string(f[0]), *gid, {}};
    if (f.size() > 3) {
      for (std::string_view member : Split(f[3], ',')) {
        if (!member.empty()) entry.members.emplace_back(member);
      }
    }
    groups_.push_back(std::move(entry));
  });
}

const UserDatabase::User* UserDatabase::ByName(std::string_view name) const {
  for (const User& user : users_) {
    if (user.name == name) return &user;
  }
  return nullptr;
}

const UserDatabase::User* UserDatabase::ByUid(uint32_t uid) const {
  for (const User& user : users_) {
    if (user.uid == uid) return &user;
  }
  return nullptr;
}

std::optional<uint32_t> UserDatabase::GroupByName(std::string_view name) const {
  for (const Group& group : groups_) {
    if (group.name == name) return group.gid;
  }
  return std::nullopt;
}

std::vector<uint32_t> UserDatabase::GroupsOf(std::string_view name) const {
  std::vector<uint32_t> out;
  for (const Group& group : groups_) {
    if (std::find(group.members.begin(), group.members.end(), name) != group.members.end()) {
      out.push_back(group.gid);
    }
  }
  return out;
}

Result<std::optional<uint32_t>> ParseNumericId(std::string_view text) {
  if (!AllDigits(text)) return std::optional<uint32_t>();
  auto id = Id(text);
  if (!id) return InvalidArgument("id " + Quote(text) + " is not between 0 and 2147483647");
  return std::optional<uint32_t>(*id);
}

}  // namespace onggi
