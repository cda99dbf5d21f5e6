// Url: an http or https URL, taken apart. Origin: what credentials are bound to.
//
// Thread-safety: a value. Parsing is libcurl's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace onggi {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // "[::1]" with its brackets; lower-case
  uint16_t port = 0;   // always set
  std::string path;    // begins with '/'; as it travels (escaped)
  std::string query;   // without '?'

  // InvalidArgument for other schemes and for a URL with a user in it.
  static Result<Url> Parse(std::string_view text);
  // LOCATION, which may be relative, as seen from this URL.
  Result<Url> Resolve(std::string_view location) const;

  bool https() const { return scheme == "https"; }
  // "host:port", the port left out where it is the scheme's own.
  std::string HostPort() const;
  std::string Origin() const { return scheme + "://" + HostPort(); }
  std::string Text() const { return Origin() + path + (query.empty() ? "" : "?" + query); }
  // Without the query, which may hold a signature: for errors and logs.
  std::string Display() const { return Origin() + path; }
  bool SameOrigin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// Bytes outside A-Z a-z 0-9 - . _ ~ as %XX.
std::string UrlEscape(std::string_view text);

}  // namespace onggi
