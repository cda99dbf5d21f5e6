// UserDatabase: /etc/passwd and /etc/group of an image, read by our own strict parser.
//
// Lines that do not have the right number of fields or whose ids are not plain numbers up to
// 2147483647 are skipped; so is an entry whose name is all digits (CVE-2016-3697: a number is never
// a name). Nothing of the C library's name services is used.
//
// Thread-safety: const methods from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace onggi {

class UserDatabase {
 public:
  UserDatabase() = default;
  UserDatabase(std::string_view passwd, std::string_view group);

  struct User {
    std::string name;
    uint32_t uid = 0;
    uint32_t gid = 0;
    std::string home;
  };
  const User* ByName(std::string_view name) const;
  const User* ByUid(uint32_t uid) const;
  std::optional<uint32_t> GroupByName(std::string_view name) const;
  // The groups that list NAME as a member.
  std::vector<uint32_t> GroupsOf(std::string_view name) const;

 private:
  struct Group {
    std::string name;
    uint32_t gid = 0;
    std::vector<std::string> members;
  };
  std::vector<User> users_;
  std::vector<Group> groups_;
};

// 10 MiB: what passwd and group may be (CVE-2025-4437).
inline constexpr size_t kUserDatabaseLimit = 10 << 20;

// All digits: a number up to 2147483647, else InvalidArgument; anything else is nullopt (a name).
Result<std::optional<uint32_t>> ParseNumericId(std::string_view text);

}  // namespace onggi
