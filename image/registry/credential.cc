#include "image/registry/credential.h"

#include <array>

#include "base/strings.h"
#include "image/digest.h"

namespace onggi {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// "https://index.docker.io/v1/" -> "docker.io"; "host:5000/path" -> "host:5000".
std::string HostOfServerAddress(std::string_view address) {
  if (size_t at = address.find("://"); at != std::string_view::npos) {
    address = address.substr(at + 3);
  }
  std::string host = ToLower(address.substr(0, address.find('/')));
  if (host == "index.docker.io" || host == "registry-1.docker.io") return "docker.io";
  return host;
}

bool AppliesTo(const Endpoint& endpoint, const RegistryAuth& auth) {
  if (auth.server_address.empty()) return endpoint.is_own;
  std::string host = HostOfServerAddress(auth.server_address);
  if (host == ToLower(endpoint.domain)) return endpoint.is_own;
  return host == endpoint.base.HostPort();
}

}  // namespace

std::string Credential::Describe() const {
  if (!username.empty()) return "user " + username;
  if (!identity_token.empty()) return "identity token";
  if (!registry_token.empty()) return "registry token";
  return "none";
}

Result<Credential> CredentialFor(const Endpoint& endpoint, const RegistryAuth* auth) {
  Credential credential;
  if (auth == nullptr || !AppliesTo(endpoint, *auth)) return credential;
  if (!auth->username.empty()) {
    credential.username = auth->username;
    credential.password = auth->password;
  } else if (!auth->identity_token.empty()) {
    credential.identity_token = auth->identity_token;
  } else if (!auth->auth.empty()) {
    auto decoded = Base64Decode(auth->auth.Reveal());
    size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos) {
      return InvalidArgument("auth is not base64 of user:password");
    }
    credential.username = decoded->substr(0, colon);
    std::string password = decoded->substr(colon + 1);
    while (password.ends_with('\0')) password.pop_back();  // some writers pad
    credential.password = Secret(std::move(password));
  } else {
    credential.registry_token = auth->registry_token;
  }
  return credential;
}

std::string AuthFingerprint(const RegistryAuth* auth) {
  if (auth == nullptr) return "";
  Sha256 hash;
  for (const std::string* part :
       {&auth->username, &auth->password.Reveal(), &auth->identity_token.Reveal(),
        &auth->auth.Reveal(), &auth->registry_token.Reveal(), &auth->server_address}) {
    hash.Update(std::to_string(part->size()) + ":" + *part);
  }
  return hash.Finish().text();
}

std::string Base64Encode(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += j <= count ? kAlphabet[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

Result<std::string> Base64Decode(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  uint32_t group = 0;
  int bits = 0;
  for (char c : text) {
    if (c == '-') c = '+';  // the URL alphabet
    if (c == '_') c = '/';
    size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return InvalidArgument("not base64");
    group = (group << 6 | static_cast<uint32_t>(value)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 0xff);
  }
  return bytes;
}

}  // namespace onggi
