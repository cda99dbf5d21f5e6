// IpAddress: an IPv4 or IPv6 address with the length of its network part, as CNI writes it
// ("10.0.0.2/24"), and the arithmetic that address ranges need.
//
// Thread-safety: a value.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace onggi {

struct IpAddress {
  bool v6 = false;
  unsigned char bytes[16] = {};  // network order; IPv4 uses the first four
  int prefix = 0;

  size_t size() const { return v6 ? 16 : 4; }
  std::string Text() const;        // "10.0.0.2"
  std::string WithPrefix() const;  // "10.0.0.2/24"
  // <0, 0, >0 by bytes; both of one family.
  int Compare(const IpAddress& other) const;
  bool SameAs(const IpAddress& other) const { return v6 == other.v6 && Compare(other) == 0; }
  IpAddress Next() const;
  // The network's first address (host bits 0) and its last (host bits 1).
  IpAddress First() const;
  IpAddress Last() const;
  bool Contains(const IpAddress& other) const;
};

// "10.0.0.2", "10.0.0.2/24" or IPv6; without a prefix length the whole address is the network part.
// InvalidArgument for anything else.
Result<IpAddress> ParseIpAddress(const std::string& text);

}  // namespace onggi
