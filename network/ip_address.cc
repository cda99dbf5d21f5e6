#include "network/ip_address.h"

#include <arpa/inet.h>

#include <cstring>

#include "base/strings.h"

namespace onggi {

std::string IpAddress::Text() const {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(v6 ? AF_INET6 : AF_INET, bytes, text, sizeof text) != nullptr ? text : "";
}

std::string IpAddress::WithPrefix() const {
  return Text() + "/" + std::to_string(prefix);
}

int IpAddress::Compare(const IpAddress& other) const {
  return memcmp(bytes, other.bytes, size());
}

IpAddress IpAddress::Next() const {
  IpAddress next = *this;
  for (size_t i = size(); i-- > 0;) {
    if (++next.bytes[i] != 0) break;
  }
  return next;
}

IpAddress IpAddress::First() const {
  IpAddress edge = *this;
  for (size_t bit = static_cast<size_t>(prefix); bit < size() * 8; ++bit) {
    edge.bytes[bit / 8] &= static_cast<unsigned char>(~(0x80 >> bit % 8));
  }
  return edge;
}

IpAddress IpAddress::Last() const {
  IpAddress edge = *this;
  for (size_t bit = static_cast<size_t>(prefix); bit < size() * 8; ++bit) {
    edge.bytes[bit / 8] |= static_cast<unsigned char>(0x80 >> bit % 8);
  }
  return edge;
}

bool IpAddress::Contains(const IpAddress& other) const {
  if (v6 != other.v6) return false;
  return First().Compare(other) <= 0 && Last().Compare(other) >= 0;
}

Result<IpAddress> ParseIpAddress(const std::string& text) {
  IpAddress address;
  std::string host = text.substr(0, text.find('/'));
  address.v6 = host.find(':') != std::string::npos;
  // inet_pton stops at a NUL byte, so one must not be inside.
  if (host.find('\0') != std::string::npos ||
      inet_pton(address.v6 ? AF_INET6 : AF_INET, host.c_str(), address.bytes) != 1) {
    return InvalidArgument(Quote(text) + " is no IP address");
  }
  size_t most = address.size() * 8;
  address.prefix = static_cast<int>(most);
  if (host.size() == text.size()) return address;
  auto prefix = ParseUint(std::string_view(text).substr(host.size() + 1));
  if (!prefix || *prefix > most) {
    return InvalidArgument(Quote(text) + ": the prefix length is 0 to " + std::to_string(most));
  }
  address.prefix = static_cast<int>(*prefix);
  return address;
}

}  // namespace onggi
