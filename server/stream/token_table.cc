#include "server/stream/token_table.h"

#include "base/clock.h"
#include "base/id.h"

namespace onggi {

void TokenTable::DropExpired() {
  int64_t now = MonotonicNanos();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    entry = entry->second.expires_ns <= now ? entries_.erase(entry) : std::next(entry);
  }
}

Result<std::string> TokenTable::Issue(StreamTicket ticket) {
  MutexLock lock(mutex_);
  if (entries_.size() >= kMaxTokens) DropExpired();
  if (entries_.size() >= kMaxTokens) {
    return ResourceExhausted("too many streaming requests are waiting for their client");
  }
  std::string token = RandomHex(16);
  entries_[token] = Entry{std::move(ticket), MonotonicNanos() + kTokenLifetimeNs};
  return token;
}

std::optional<StreamTicket> TokenTable::Redeem(const std::string& token,
                                               StreamTicket::Method method) {
  MutexLock lock(mutex_);
  auto found = entries_.find(token);
  if (found == entries_.end()) return std::nullopt;
  Entry entry = std::move(found->second);
  entries_.erase(found);
  if (entry.expires_ns <= MonotonicNanos() || entry.ticket.method != method) return std::nullopt;
  return std::move(entry.ticket);
}

}  // namespace onggi
