// What a registry asks for in a WWW-Authenticate header (RFC 9110, section 11).
//
// Thread-safety: pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace onggi {

struct AuthChallenge {
  std::string scheme;                             // lower case: "bearer", "basic"
  std::map<std::string, std::string> parameters;  // names in lower case
};

// One header may hold several. What can't be read ends the list; at most 16 are read.
std::vector<AuthChallenge> ParseChallenges(std::string_view header);

}  // namespace onggi
