#include "image/registry/url.h"

#include <curl/curl.h>

#include <memory>

#include "base/strings.h"

namespace onggi {
namespace {

using CurlUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string Part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

Result<Url> TakeApart(CURLU* parsed, std::string_view text) {
  Url url;
  url.scheme = ToLower(Part(parsed, CURLUPART_SCHEME));
  if (url.scheme != "http" && url.scheme != "https") {
    return InvalidArgument("URL " + Quote(text) + ": http or https expected");
  }
  // A name in the URL is a credential that would travel with every message about it.
  if (!Part(parsed, CURLUPART_USER).empty() || !Part(parsed, CURLUPART_PASSWORD).empty()) {
    return InvalidArgument("a URL with a user name in it");
  }
  url.host = ToLower(Part(parsed, CURLUPART_HOST));
  if (url.host.empty()) return InvalidArgument("URL " + Quote(text) + ": no host");
  auto port = ParseUint(Part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT));
  if (!port || *port == 0 || *port > 65535) {
    return InvalidArgument("URL " + Quote(text) + ": invalid port");
  }
  url.port = static_cast<uint16_t>(*port);
  url.path = Part(parsed, CURLUPART_PATH);
  if (url.path.empty()) url.path = "/";
  url.query = Part(parsed, CURLUPART_QUERY);
  return url;
}

std::string_view WithoutQuery(std::string_view text) {
  return text.substr(0, text.find('?'));
}

}  // namespace

Result<Url> Url::Parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return InvalidArgument("URL with a NUL");
  CurlUrl parsed(curl_url(), curl_url_cleanup);
  CHECK(parsed != nullptr);
  CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, std::string(text).c_str(),
                                CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) {
    return InvalidArgument("URL " + Quote(WithoutQuery(text)) + ": " + curl_url_strerror(code));
  }
  return TakeApart(parsed.get(), WithoutQuery(text));
}

Result<Url> Url::Resolve(std::string_view location) const {
  if (location.find('\0') != std::string_view::npos) return InvalidArgument("URL with a NUL");
  CurlUrl parsed(curl_url(), curl_url_cleanup);
  CHECK(parsed != nullptr);
  CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, Text().c_str(), 0);
  if (code == CURLUE_OK) {
    code = curl_url_set(parsed.get(), CURLUPART_URL, std::string(location).c_str(),
                        CURLU_NON_SUPPORT_SCHEME);
  }
  if (code != CURLUE_OK) {
    return InvalidArgument("URL " + Quote(WithoutQuery(location)) + ": " + curl_url_strerror(code));
  }
  return TakeApart(parsed.get(), WithoutQuery(location));
}

std::string Url::HostPort() const {
  if (port == (https() ? 443 : 80)) return host;
  return host + ":" + std::to_string(port);
}

std::string UrlEscape(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string escaped;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      escaped += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += kHex[byte >> 4];
    escaped += kHex[byte & 15];
  }
  return escaped;
}

}  // namespace onggi
