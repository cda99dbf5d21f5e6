#include "image/registry/endpoint.h"

#include <algorithm>

#include "base/strings.h"
#include "image/registry/hosts_toml.h"

namespace onggi {

std::string RegistryHostOf(const std::string& domain) {
  return domain == "docker.io" ? "registry-1.docker.io" : domain;
}

Result<Url> EndpointUrl(const std::string& text, bool override_path) {
  TRY_ASSIGN(Url url, Url::Parse(text));
  if (!url.query.empty()) return InvalidArgument("endpoint URL " + Quote(text) + " with a query");
  while (url.path.ends_with('/')) url.path.pop_back();
  bool has_version = url.path.ends_with("/v2") || url.path.find("/v2/") != std::string::npos;
  if (!override_path && !has_version) url.path += "/v2";
  return url;
}

Result<std::vector<Endpoint>> RegistryHosts::FromConfiguration(const std::string& domain) const {
  std::vector<Endpoint> endpoints;
  auto found = mirrors_.find(domain);
  if (found == mirrors_.end()) found = mirrors_.find("*");
  if (found == mirrors_.end()) return endpoints;
  for (const RegistryEndpoint& mirror : found->second) {
    Endpoint endpoint;
    TRY_ASSIGN(endpoint.base, EndpointUrl(mirror.url, false));
    endpoint.tls.skip_verify = mirror.skip_verify;
    endpoint.source = "configuration";
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

Result<std::vector<Endpoint>> RegistryHosts::EndpointsOf(const std::string& domain) const {
  TRY_ASSIGN(std::vector<Endpoint> endpoints, FromConfiguration(domain));
  std::optional<std::vector<Endpoint>> from_files;
  if (!certs_dir_.empty()) {
    TRY_ASSIGN(from_files, ReadHostsDirectory(certs_dir_, domain));
  }
  if (from_files) {
    for (Endpoint& endpoint : *from_files) endpoints.push_back(std::move(endpoint));
  } else {
    Endpoint own;
    TRY_ASSIGN(own.base, EndpointUrl("https://" + RegistryHostOf(domain), false));
    own.source = "default";
    own.is_own = own.can_push = true;
    endpoints.push_back(std::move(own));
  }
  // An endpoint under the host's own name is the host itself, spoken to as written: by plain http
  // where the URL says so, or unverified. Then the host is not asked a second time by default.
  bool written = false;
  for (Endpoint& endpoint : endpoints) {
    endpoint.domain = domain;
    if (endpoint.source == "default" || endpoint.base.HostPort() != RegistryHostOf(domain))
      continue;
    endpoint.is_own = endpoint.can_push = true;
    written = true;
  }
  if (written) {
    auto is_default = [](const Endpoint& e) { return e.source == "default"; };
    endpoints.erase(std::remove_if(endpoints.begin(), endpoints.end(), is_default),
                    endpoints.end());
  }
  return endpoints;
}

}  // namespace onggi
