// Who a container's process runs as: from its configuration, its image, and the image's own passwd
// and group files.
//
// Rules: the configuration's user (number or name) wins over the image's USER. A name must exist. A
// number that passwd does not know has gid 0 and no further groups. "Merge" adds the groups of
// /etc/group that list the user; "Strict" takes exactly those asked for. The primary group is
// always among the groups (CVE-2023-25173).
//
// Thread-safety: free functions.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/container/container_config.h"
#include "engine/container/user_database.h"
#include "runtime/spec/spec.h"

namespace onggi {

struct ResolvedUser {
  spec::User user;
  std::string home = "/";
};

// IMAGE_USER is "USER[:GROUP]" of the image's config. InvalidArgument names what does not exist.
Result<ResolvedUser> ResolveUser(const ContainerSecurity& security, const std::string& image_user,
                                 const UserDatabase& database);

// "USER[:GROUP]" alone: what exec's -u takes.
Result<ResolvedUser> ResolveUserText(const std::string& text, const UserDatabase& database);

}  // namespace onggi
