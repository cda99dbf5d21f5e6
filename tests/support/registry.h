// Registry: Debian's docker-registry on a free loopback port, with storage of its own; plain http,
// or TLS and a password when asked.
//
//   auto registry = Registry::Start({});
//   registry->Push("oci:/path/layout:12", "debian:12");      // by skopeo
//   ... pull registry->host() + "/debian:12"
//
// Failures are test failures. The destructor ends the server and deletes its files.
// Thread-safety: none.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/child_process.h"
#include "base/temp_dir.h"

namespace onggi::testing {

struct RegistryOptions {
  std::string user;  // not empty: basic authentication
  std::string password;
  bool tls = false;  // a certificate for 127.0.0.1 and localhost, signed by ca_file()
};

class Registry {
 public:
  static std::unique_ptr<Registry> Start(RegistryOptions options);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  const std::string& host() const { return host_; }  // "127.0.0.1:41234"
  std::string ca_file() const { return dir_.path() + "/ca.crt"; }
  const std::string& directory() const { return dir_.path(); }
  // Copies an image in skopeo's notation to host()/NAME.
  void Push(const std::string& source, const std::string& name) const;
  // What the server wrote: one line for each request.
  std::string Log() const;

 private:
  Registry(RegistryOptions options, TempDir dir)
      : options_(std::move(options)), dir_(std::move(dir)) {}
  void Run();
  void MakeCertificate() const;

  RegistryOptions options_;
  TempDir dir_;
  std::string host_;
  std::optional<ChildProcess> server_;
};

}  // namespace onggi::testing
