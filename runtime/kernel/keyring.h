// Session keyrings (keyrings(7)): an own one per container, so that it cannot see ours.
#pragma once

#include <string>

#include "base/result.h"

namespace onggi {

// Joins a new session keyring. A kernel without keys is fine; a full quota (EDQUOT) is an error
// that says so. The caller's thread only.
Result<> NewSessionKeyring(const std::string& name);

}  // namespace onggi
