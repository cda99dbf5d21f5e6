#include "image/registry/listing.h"

#include <optional>

#include "base/json.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr int kMaxPages = 1000;
constexpr size_t kPageLimit = 4 << 20;

// "</v2/_catalog?last=x&n=100>; rel=\"next\"" -> the URL in it, "" when there is no next page.
std::string NextLink(std::string_view link) {
  size_t begin = link.find('<');
  size_t end = link.find('>');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  if (link.substr(end).find("next") == std::string_view::npos) return "";
  return std::string(link.substr(begin + 1, end - begin - 1));
}

}  // namespace

Result<std::vector<std::string>> FetchListing(RegistryClient& client, const std::string& path,
                                              const std::string& key, size_t enough,
                                              const CancelToken& cancel) {
  std::vector<std::string> entries;
  std::optional<Url> next;
  for (int page = 0; page < kMaxPages && entries.size() < enough; ++page) {
    RegistryCall call;
    call.path = path;
    if (next) call.url = &*next;
    TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, client.Send(call, cancel));
    if (answer->status != 200) return ErrorOfAnswer(*answer);
    TRY_ASSIGN(std::string body, ReadToEnd(*answer, kPageLimit));
    TRY_ASSIGN(Json json, ParseJson(body, {.bytes = kPageLimit, .depth = 16}));
    TRY_ASSIGN(std::vector<std::string> more, JsonStrings(json, key));
    entries.insert(entries.end(), more.begin(), more.end());
    std::string link = NextLink(answer->Header("link"));
    if (link.empty()) return entries;
    TRY_ASSIGN(Url resolved, client.endpoint().base.Resolve(link));
    if (!resolved.SameOrigin(client.endpoint().base)) {
      return Unavailable("the next page is on another server: " + resolved.Origin());
    }
    next = std::move(resolved);
  }
  return entries;
}

Result<std::vector<SearchHit>> SearchIndex(HttpClient& http, const Endpoint& endpoint,
                                           const std::string& term, int limit,
                                           const CancelToken& cancel) {
  HttpRequest request{.url = endpoint.base, .tls = endpoint.tls};
  request.url.path = "/v1/search";
  request.url.query = "q=" + UrlEscape(term) + "&n=" + std::to_string(limit);
  request.cancel = cancel;
  TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, http.Send(request));
  if (answer->status != 200) return ErrorOfAnswer(*answer);
  TRY_ASSIGN(std::string body, ReadToEnd(*answer, kPageLimit));
  TRY_ASSIGN(Json json, ParseJson(body, {.bytes = kPageLimit, .depth = 16}));
  TRY_ASSIGN(Json results, JsonArray(json, "results"));
  std::vector<SearchHit> hits;
  for (const Json& result : results) {
    if (hits.size() >= static_cast<size_t>(limit)) break;
    SearchHit hit;
    TRY_ASSIGN(hit.name, JsonString(result, "name"));
    TRY_ASSIGN(hit.description, JsonString(result, "description"));
    TRY_ASSIGN(hit.stars, JsonInt(result, "star_count"));
    TRY_ASSIGN(hit.official, JsonBool(result, "is_official"));
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace onggi
