// Endpoint: one place to ask for images of a registry host, and how. RegistryHosts: which
// endpoints a host has, in order, from the configuration and from containerd's certs.d.
//
// Thread-safety: Endpoint is a value; RegistryHosts is immutable after construction.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/image_service.h"
#include "image/registry/http.h"
#include "image/registry/url.h"

namespace onggi {

struct Endpoint {
  Url base;  // ".../v2", without a slash at the end
  TlsSettings tls;
  HeaderList headers;   // from hosts.toml; may hold secrets
  bool is_own = false;  // the host of the reference itself: credentials for it go there
  bool can_resolve = true;
  bool can_pull = true;
  bool can_push = false;
  std::string source;  // "configuration", "hosts.toml", "default"
  std::string domain;  // whose images these are: "docker.io"
};

class RegistryHosts {
 public:
  RegistryHosts(std::map<std::string, std::vector<RegistryEndpoint>> mirrors, std::string certs_dir)
      : mirrors_(std::move(mirrors)), certs_dir_(std::move(certs_dir)) {}

  // Never empty. certs.d is read anew each time, so that changes count at the next pull. Plain
  // http is used only for URLs that say so. InvalidArgument for a file or URL that can't be read.
  Result<std::vector<Endpoint>> EndpointsOf(const std::string& domain) const;

 private:
  Result<std::vector<Endpoint>> FromConfiguration(const std::string& domain) const;

  const std::map<std::string, std::vector<RegistryEndpoint>> mirrors_;
  const std::string certs_dir_;
};

// Where a host's registry really answers: "docker.io" is served by "registry-1.docker.io".
std::string RegistryHostOf(const std::string& domain);

// "https://mirror:5000" with the API's path: "/v2", or PATH/v2; a path that holds /v2 stays.
Result<Url> EndpointUrl(const std::string& text, bool override_path);

}  // namespace onggi
