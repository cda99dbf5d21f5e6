#include "server/stream/http_request.h"

#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxHeaders = 100;

const char* ReasonOf(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

bool IsToken(std::string_view text) {
  for (unsigned char c : text) {
    if (c <= ' ' || c >= 0x7f || c == ':') return false;
  }
  return !text.empty();
}

Result<> ParseHeader(std::string_view line, HttpRequest& request) {
  size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return InvalidArgument("header line " + Quote(line.substr(0, 100)) + " is none");
  }
  std::string name = ToLower(line.substr(0, colon));
  std::string value(Trim(line.substr(colon + 1)));
  auto [at, fresh] = request.headers.emplace(name, value);
  if (!fresh) at->second += ", " + value;
  return Ok();
}

}  // namespace

const std::string& HttpRequest::Header(const std::string& name) const {
  static const std::string kNone;
  auto found = headers.find(name);
  return found == headers.end() ? kNone : found->second;
}

std::vector<std::string> HttpRequest::List(const std::string& name) const {
  std::vector<std::string> out;
  for (std::string_view element : Split(Header(name), ',')) {
    if (!Trim(element).empty()) out.emplace_back(Trim(element));
  }
  return out;
}

bool HttpRequest::HasToken(const std::string& name, std::string_view token) const {
  for (const std::string& element : List(name)) {
    if (ToLower(element) == ToLower(token)) return true;
  }
  return false;
}

Result<HttpRequest> ParseHttpRequest(std::string_view head) {
  HttpRequest request;
  std::vector<std::string_view> lines = Split(head, '\n');
  auto words = Split(Trim(lines[0]), ' ');
  if (words.size() != 3 || !IsToken(words[0]) || words[1].empty() || words[1][0] != '/' ||
      words[2].substr(0, 7) != "HTTP/1.") {
    return InvalidArgument("not an HTTP/1.1 request");
  }
  request.method = words[0];
  size_t question = words[1].find('?');
  request.path = words[1].substr(0, question);
  if (question != std::string_view::npos) request.query = words[1].substr(question + 1);
  if (lines.size() > kMaxHeaders + 3) return InvalidArgument("too many header lines");
  for (size_t i = 1; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) TRY(ParseHeader(line, request));
  }
  return request;
}

Result<HttpRequest> ReadHttpRequest(ByteStream& stream) {
  std::string head;
  char buffer[4096];
  size_t end;
  while ((end = head.find("\r\n\r\n")) == std::string::npos) {
    if (head.size() > kMaxHttpHead) return InvalidArgument("request head larger than 16 KiB");
    TRY_ASSIGN(size_t n, stream.Read(buffer, sizeof buffer));
    if (n == 0) return Unavailable("the peer has gone");
    head.append(buffer, n);
  }
  stream.Unread(head.substr(end + 4));
  return ParseHttpRequest(std::string_view(head).substr(0, end + 2));
}

Result<> WriteHttpError(ByteStream& stream, int status, std::string_view text) {
  std::string body = std::string(text) + "\n";
  TRY(stream.Write("HTTP/1.1 " + std::to_string(status) + " " + ReasonOf(status) +
                   "\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body));
  stream.ShutdownWrite();
  return Ok();
}

}  // namespace onggi
