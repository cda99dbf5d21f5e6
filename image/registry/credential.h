// Credential: who we are for one endpoint, decided from what the caller gave.
//
// Thread-safety: a value.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "image/image_service.h"
#include "image/registry/endpoint.h"

namespace onggi {

struct Credential {
  std::string username;
  Secret password;
  Secret identity_token;  // exchanged for access tokens (OAuth2 refresh token)
  Secret registry_token;  // is the access token

  bool empty() const {
    return username.empty() && identity_token.empty() && registry_token.empty();
  }
  // "none", "user NAME", "identity token", "registry token".
  std::string Describe() const;
};

// What of AUTH may be sent to ENDPOINT: credentials are for the reference's own host, or for the
// host that server_address names, and for nobody else (threat C13). InvalidArgument when its base64
// is damaged.
Result<Credential> CredentialFor(const Endpoint& endpoint, const RegistryAuth* auth);

// A string that differs where AUTH differs, without holding it: pulls join only with their own.
std::string AuthFingerprint(const RegistryAuth* auth);

std::string Base64Encode(std::string_view bytes);
Result<std::string> Base64Decode(std::string_view text);

}  // namespace onggi
