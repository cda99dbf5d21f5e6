#include "tests/support/registry.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/file_io.h"

namespace onggi::testing {
namespace {

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A port that was free a moment ago.
uint16_t FreePort() {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof address;
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 0;
  if (getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.sin_port);
}

bool Listens(uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(port);
  return connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

// Runs a shell command that must succeed.
std::string Sh(const std::string& command) {
  auto output = RunCommand({.argv = {"/bin/sh", "-c", "exec 2>&1; " + command},
                            .env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"},
                            .timeout = std::chrono::minutes(5)});
  if (!output) {
    ADD_FAILURE() << command << ": " << output.error().message();
    return "";
  }
  EXPECT_TRUE(output->status.ok()) << command << "\n" << output->out;
  return output->out;
}

}  // namespace

std::unique_ptr<Registry> Registry::Start(RegistryOptions options) {
  auto dir = TempDir::Make("/var/tmp");
  if (!dir) {
    ADD_FAILURE() << dir.error().message();
    return nullptr;
  }
  std::unique_ptr<Registry> registry(new Registry(std::move(options), std::move(dir).value()));
  registry->Run();
  return registry;
}

void Registry::MakeCertificate() const {
  std::string dir = dir_.path();
  Sh("cd " + dir +
     " && openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=onggi-test-ca -keyout "
     "ca.key -out ca.crt"
     " && openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout tls.key -out tls.csr"
     " && printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\n' > san"
     " && openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "
     "san -out tls.crt");
}

void Registry::Run() {
  std::string dir = dir_.path();
  uint16_t port = FreePort();
  host_ = "127.0.0.1:" + std::to_string(port);
  std::string config =
      "version: 0.1\nlog: {level: info}\nstorage:\n  filesystem: {rootdirectory: " + dir +
      "/data}\n  delete: {enabled: true}\nhttp:\n  addr: " + host_ + "\n";
  if (options_.tls) {
    MakeCertificate();
    config += "  tls: {certificate: " + dir + "/tls.crt, key: " + dir + "/tls.key}\n";
  }
  if (!options_.user.empty()) {
    Sh("htpasswd -Bbn " + options_.user + " " + options_.password + " > " + dir + "/htpasswd");
    config += "auth:\n  htpasswd: {realm: test, path: " + dir + "/htpasswd}\n";
  }
  ASSERT_TRUE(WriteFileAtomic(dir + "/config.yml", config).has_value());
  auto log = Open(dir + "/log", O_WRONLY | O_CREAT | O_APPEND, 0644);
  ASSERT_TRUE(log.has_value());
  auto child =
      ChildProcess::Spawn({.argv = {"/usr/bin/docker-registry", "serve", dir + "/config.yml"},
                           .env = {"PATH=/usr/bin:/bin", "OTEL_TRACES_EXPORTER=none"},
                           .stdout_fd = log->get(),
                           .stderr_fd = log->get()});
  ASSERT_TRUE(child.has_value()) << child.error().message();
  server_ = std::move(child).value();
  for (int i = 0; i < 500 && !Listens(port); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(Listens(port)) << Log();
}

Registry::~Registry() {
  if (!server_) return;
  (void)server_->Signal(SIGTERM);  // it may be gone already
  (void)server_->Wait(std::chrono::seconds(5));
}

void Registry::Push(const std::string& source, const std::string& name) const {
  std::string credentials =
      options_.user.empty() ? "" : "--dest-creds " + options_.user + ":" + options_.password + " ";
  Sh("skopeo copy --insecure-policy -q --dest-tls-verify=false " + credentials + source +
     " docker://" + host_ + "/" + name);
}

std::string Registry::Log() const {
  return ReadFile(dir_.path() + "/log").value_or("");
}

}  // namespace onggi::testing
