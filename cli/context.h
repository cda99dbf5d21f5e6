// Context: what every command gets: where the daemon is, how to print, and the connection.
//
// Thread-safety: one command at a time. Ownership: main owns it; commands keep references.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace grpc {
class Channel;
}

namespace onggi::cli {

class Client;

struct Context {
  std::string socket;  // --socket, ONGGI_SOCKET or the default
  bool json = false;   // -o json
  int exit_code = 0;   // what the program ends with when the command succeeded

  // The command failed: main prints the error as one line and ends with exit_code, or 1 when that
  // is 0.
  void Fail(Error error) { failure = std::move(error); }
  std::optional<Error> failure;

  // The connection, made at the first call. Unavailable names the socket and the way out.
  Result<Client*> Connect();

  Context();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

 private:
  std::unique_ptr<Client> client_;
};

}  // namespace onggi::cli
