#include "image/registry/hosts_toml.h"

#include <dirent.h>

#include <algorithm>
#include <memory>

#include "base/file_io.h"
#include "base/strings.h"
#include "image/registry/toml.h"

namespace onggi {
namespace {

constexpr std::string_view kSource = "hosts.toml";

std::vector<std::string> StringOrList(const TomlValue* value) {
  if (value == nullptr) return {};
  if (const std::string* one = value->String()) return {*one};
  std::vector<std::string> all;
  if (const TomlArray* array = value->Array()) {
    for (const TomlValue& entry : *array) {
      if (const std::string* text = entry.String()) all.push_back(*text);
    }
  }
  return all;
}

bool IsTrue(const TomlTable& table, std::string_view key) {
  const TomlValue* value = TomlMember(table, key);
  return value != nullptr && value->Bool() != nullptr && *value->Bool();
}

std::string Absolute(const std::string& directory, const std::string& file) {
  return file.starts_with('/') ? file : directory + "/" + file;
}

// client = "both.pem", ["cert", "both.pem"], [["cert.pem", "key.pem"], ...]: the first is used.
void ReadClient(const TomlValue* value, const std::string& directory, TlsSettings& tls) {
  if (value == nullptr) return;
  std::vector<std::string> files = StringOrList(value);
  if (const TomlArray* array = value->Array(); array != nullptr && files.empty()) {
    if (!array->empty()) files = StringOrList(&array->front());
    if (files.size() == 2) {
      tls.client_certificate = Absolute(directory, files[0]);
      tls.client_key = Absolute(directory, files[1]);
      return;
    }
  }
  if (files.empty()) return;
  tls.client_certificate = Absolute(directory, files[0]);
  tls.client_key = tls.client_certificate;
}

void ReadHeaders(const TomlTable& table, HeaderList& headers) {
  const TomlValue* value = TomlMember(table, "header");
  if (value == nullptr || value->Table() == nullptr) return;
  for (const auto& [name, text] : *value->Table()) {
    for (const std::string& line : StringOrList(&text)) headers.emplace_back(name, line);
  }
}

Result<Endpoint> ReadEndpoint(const std::string& url, const TomlTable& table,
                              const std::string& directory) {
  Endpoint endpoint;
  // Without a scheme https is meant, also for localhost: plain http is only what says so.
  std::string full = url.find("://") == std::string::npos ? "https://" + url : url;
  TRY_ASSIGN(endpoint.base, EndpointUrl(full, IsTrue(table, "override_path")));
  endpoint.source = kSource;
  endpoint.tls.skip_verify = IsTrue(table, "skip_verify");
  for (const std::string& file : StringOrList(TomlMember(table, "ca"))) {
    endpoint.tls.ca_files.push_back(Absolute(directory, file));
  }
  ReadClient(TomlMember(table, "client"), directory, endpoint.tls);
  ReadHeaders(table, endpoint.headers);
  if (const TomlValue* value = TomlMember(table, "capabilities")) {
    std::vector<std::string> can = StringOrList(value);
    auto has = [&](std::string_view word) {
      return std::find(can.begin(), can.end(), word) != can.end();
    };
    endpoint.can_pull = has("pull");
    endpoint.can_resolve = has("resolve");
    endpoint.can_push = has("push");
  } else {
    endpoint.can_push = true;
  }
  return endpoint;
}

Result<std::vector<Endpoint>> ReadHostsFile(const std::string& directory,
                                            const std::string& domain) {
  TRY_ASSIGN(std::string text, ReadFile(directory + "/hosts.toml", 1 << 20));
  TRY_ASSIGN(TomlTable root, ParseToml(text));
  std::vector<Endpoint> endpoints;
  if (const TomlValue* hosts = TomlMember(root, "host"); hosts != nullptr && hosts->Table()) {
    for (const auto& [url, value] : *hosts->Table()) {
      if (value.Table() == nullptr) return InvalidArgument("host." + Quote(url) + " is no table");
      TRY_ASSIGN(Endpoint endpoint, ReadEndpoint(url, *value.Table(), directory));
      endpoints.push_back(std::move(endpoint));
    }
  }
  const TomlValue* server = TomlMember(root, "server");
  std::string own = server != nullptr && server->String() != nullptr
                        ? *server->String()
                        : "https://" + RegistryHostOf(domain);
  TRY_ASSIGN(Endpoint last, ReadEndpoint(own, root, directory));
  last.can_push = last.can_pull = last.can_resolve = true;
  last.is_own = true;
  auto named = [&](const Endpoint& e) { return e.base.Text() == last.base.Text(); };
  auto same = std::find_if(endpoints.begin(), endpoints.end(), named);
  if (same == endpoints.end()) {
    endpoints.push_back(std::move(last));
  } else {
    same->is_own = true;
  }
  return endpoints;
}

// What Docker keeps in certs.d/HOST.
Result<std::vector<Endpoint>> ReadCertificates(const std::string& directory,
                                               const std::string& domain) {
  Endpoint endpoint;
  TRY_ASSIGN(endpoint.base, EndpointUrl("https://" + RegistryHostOf(domain), false));
  endpoint.source = "certs.d";
  endpoint.is_own = endpoint.can_push = true;
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory.c_str()), closedir);
  if (dir == nullptr) return SysError("opendir(" + directory + ")");
  std::vector<std::string> names;
  while (dirent* entry = readdir(dir.get())) names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (name.ends_with(".crt")) endpoint.tls.ca_files.push_back(directory + "/" + name);
    if (!name.ends_with(".cert")) continue;
    endpoint.tls.client_certificate = directory + "/" + name;
    endpoint.tls.client_key = directory + "/" + name.substr(0, name.size() - 5) + ".key";
  }
  return std::vector<Endpoint>{std::move(endpoint)};
}

std::vector<std::string> DirectoryNames(const std::string& domain) {
  std::vector<std::string> names{domain};
  if (size_t colon = domain.rfind(':'); colon != std::string::npos && !domain.ends_with(']')) {
    names.push_back(domain.substr(0, colon) + "_" + domain.substr(colon + 1) + "_");
  }
  names.emplace_back("_default");
  return names;
}

}  // namespace

Result<std::optional<std::vector<Endpoint>>> ReadHostsDirectory(const std::string& root,
                                                                const std::string& domain) {
  for (const std::string& name : DirectoryNames(domain)) {
    std::string directory = root + "/" + name;
    if (!PathExists(directory)) continue;
    bool has_file = PathExists(directory + "/hosts.toml");
    auto endpoints =
        has_file ? ReadHostsFile(directory, domain) : ReadCertificates(directory, domain);
    if (!endpoints) {
      return std::move(endpoints).Wrap(directory + (has_file ? "/hosts.toml" : "")).error().Clone();
    }
    return std::optional(*std::move(endpoints));
  }
  return std::optional<std::vector<Endpoint>>();
}

}  // namespace onggi
