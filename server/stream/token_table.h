// TokenTable: single-use tickets for the streaming server. A ticket names what was validated over
// gRPC; the URL that holds it works once, within a minute, for the method that it was made for.
//
// Tokens are 128 bits of getrandom(2) in hex. At most kMaxTokens are open; ResourceExhausted
// beyond. Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

namespace onggi {

inline constexpr size_t kMaxTokens = 1000;
inline constexpr int64_t kTokenLifetimeNs = 60'000'000'000;

struct StreamTicket {
  enum class Method { kExec, kAttach, kPortForward };
  Method method = Method::kExec;
  std::string id;  // container, or pod for port-forward
  std::vector<std::string> command;
  bool terminal = false;
  bool in = false;
  bool out = false;
  bool err = false;
  std::vector<int> ports;  // those that may be forwarded; empty: any
};

class TokenTable {
 public:
  Result<std::string> Issue(StreamTicket ticket);
  // The ticket, once; nullopt for unknown, used and expired tokens and for another method's.
  std::optional<StreamTicket> Redeem(const std::string& token, StreamTicket::Method method);

 private:
  struct Entry {
    StreamTicket ticket;
    int64_t expires_ns;
  };
  void DropExpired() REQUIRES(mutex_);

  Mutex mutex_;
  std::map<std::string, Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace onggi
