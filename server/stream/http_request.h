// The head of one HTTP/1.1 request, and plain answers to it: as much of HTTP as an upgrade needs.
//
// Limits: 16 KiB of head, 100 header fields. Header names are lower case here; repeated fields are
// joined with ", " (RFC 9110, section 5.3). Thread-safety: plain data.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/stream/byte_stream.h"

namespace onggi {

inline constexpr size_t kMaxHttpHead = 16 << 10;

struct HttpRequest {
  std::string method;
  std::string path;  // without the query
  std::string query;
  std::map<std::string, std::string> headers;

  const std::string& Header(const std::string& name) const;
  // Whether the comma-separated list in header NAME holds TOKEN, whatever its case.
  bool HasToken(const std::string& name, std::string_view token) const;
  // The elements of that list, trimmed.
  std::vector<std::string> List(const std::string& name) const;
};

// InvalidArgument saying what is wrong.
Result<HttpRequest> ParseHttpRequest(std::string_view head);
// Reads up to the empty line; what came after it is put back into the stream.
Result<HttpRequest> ReadHttpRequest(ByteStream& stream);
// "HTTP/1.1 400 Bad Request" with a text body, and the end of the connection.
Result<> WriteHttpError(ByteStream& stream, int status, std::string_view text);

}  // namespace onggi
