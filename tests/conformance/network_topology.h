// What network tests stand on: a host of their own (a fresh network namespace, so that neither the
// real host nor another test is touched), pods' namespaces, servers and clients in any of them.
//
//   OnFreshHost([] {
//     Netns pod;
//     ... network->Attach({.netns_path = pod.path()}) ...
//     Server server(pod.path(), {.port = 80});
//     EXPECT_EQ(Ask("", {.address = "127.0.0.1", .port = 8080}), "from 10.0.0.1");
//   });
//
// Failures are test failures. Thread-safety: none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "tests/support/temp_tree.h"

namespace onggi::testing {

// Runs BODY on a thread in a new network namespace with lo up. What BODY leaves there goes with it.
void OnFreshHost(const std::function<void()>& body);

// A network namespace held by a bind mount.
class Netns {
 public:
  Netns();
  ~Netns();
  Netns(const Netns&) = delete;
  Netns& operator=(const Netns&) = delete;
  const std::string& path() const { return path_; }

 private:
  TempTree tree_;
  std::string path_;
};

// A program of the host with its arguments, run in the namespace at NETNS ("" for here); what it
// wrote. A failure aborts.
std::string InNetns(const std::string& netns, const std::string& command);

struct Endpoint {
  std::string address;  // of a client's target; a server binds all addresses unless it is set
  uint16_t port = 0;
  bool is_udp = false;
};

// Answers every client with "NAME sees ADDRESS": the address that the client came from.
class Server {
 public:
  Server(const std::string& netns, const Endpoint& endpoint, std::string name);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  void Run(bool is_udp);

  std::string name_;
  UniqueFd socket_;
  UniqueFd stop_;
  std::thread thread_;
};

// The answer of the server at ENDPOINT asked from NETNS; "nothing: REASON" within a second.
std::string Ask(const std::string& netns, const Endpoint& endpoint);

}  // namespace onggi::testing
