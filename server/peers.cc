#include "server/peers.h"

#include "base/strings.h"

namespace onggi {

std::string Peers::UidOf(const std::string& peer) const {
  size_t at = peer.find("fd:");
  if (at == std::string::npos) return "?";
  auto fd = ParseUint(std::string_view(peer).substr(at + 3));
  if (!fd) return "?";
  MutexLock lock(mutex_);
  auto found = uids_.find(static_cast<int>(*fd));
  return found == uids_.end() ? "?" : std::to_string(found->second);
}

}  // namespace onggi
