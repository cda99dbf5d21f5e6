#include "image/registry/authorizer.h"

#include "base/json.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kTokenLimit = 1 << 20;
constexpr std::string_view kClientId = "onggi";

Error Refused(const std::string& message) {
  return Error(Code::kUnauthenticated, message);
}

std::string Parameter(const AuthChallenge& challenge, const std::string& name) {
  auto found = challenge.parameters.find(name);
  return found == challenge.parameters.end() ? "" : found->second;
}

// The scopes of ours and those of the challenge, each once.
std::vector<std::string> AllScopes(const AuthChallenge& challenge,
                                   const std::vector<std::string>& scopes) {
  std::vector<std::string> all = scopes;
  std::string asked = Parameter(challenge, "scope");
  for (std::string_view scope : Split(asked, ' ')) {
    bool known = scope.empty();
    for (const std::string& have : all) known = known || have == scope;
    if (!known) all.emplace_back(scope);
  }
  return all;
}

Result<Secret> ParseToken(std::string_view text) {
  TRY_ASSIGN(Json object, ParseJson(text, {.bytes = kTokenLimit, .depth = 16}));
  TRY_ASSIGN(std::string token, JsonString(object, "token"));
  if (token.empty()) {
    TRY_ASSIGN(token, JsonString(object, "access_token"));
  }
  if (token.empty()) return Refused("the answer holds no token");
  for (char c : token) {
    if (c <= ' ' || c > '~') return Refused("the answer holds no well-formed token");
  }
  return Secret(std::move(token));
}

}  // namespace

Authorizer::Authorizer(HttpClient& http, const Endpoint& endpoint, Credential credential)
    : http_(http), endpoint_(endpoint), credential_(std::move(credential)) {
  if (!credential_.registry_token.empty()) {
    header_ = Secret("Bearer " + credential_.registry_token.Reveal());
  }
}

std::string Authorizer::Header() {
  MutexLock lock(mutex_);
  return header_.Reveal();
}

std::string Authorizer::BasicHeader() const {
  return "Basic " + Base64Encode(credential_.username + ":" + credential_.password.Reveal());
}

Result<HttpRequest> Authorizer::TokenRequest(const AuthChallenge& challenge,
                                             const std::vector<std::string>& scopes) const {
  HttpRequest request;
  TRY_ASSIGN(request.url, Url::Parse(Parameter(challenge, "realm")));
  if (!request.url.https() && endpoint_.base.https()) {
    return Refused("the token server " + request.url.Origin() +
                   " is not https; credentials are not sent there");
  }
  if (request.url.SameOrigin(endpoint_.base)) {
    request.tls = endpoint_.tls;
  } else {
    request.tls.ca_files = endpoint_.tls.ca_files;
  }
  std::string service = Parameter(challenge, "service");
  std::string query = "service=" + UrlEscape(service);
  std::vector<std::string> all = AllScopes(challenge, scopes);
  if (!credential_.identity_token.empty()) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = "grant_type=refresh_token&" + query + "&client_id=" + std::string(kClientId) +
                   "&scope=" + UrlEscape(Join(all, " ")) +
                   "&refresh_token=" + UrlEscape(credential_.identity_token.Reveal());
    return request;
  }
  for (const std::string& scope : all) query += "&scope=" + UrlEscape(scope);
  if (!credential_.username.empty()) {
    query += "&account=" + UrlEscape(credential_.username);
    request.headers.emplace_back("Authorization", BasicHeader());
  }
  if (!request.url.query.empty()) request.url.query += "&";
  request.url.query += query;
  return request;
}

Result<Secret> Authorizer::FetchToken(const AuthChallenge& challenge,
                                      const std::vector<std::string>& scopes,
                                      const CancelToken& cancel) {
  TRY_ASSIGN(HttpRequest request, TokenRequest(challenge, scopes));
  request.cancel = cancel;
  TRY_ASSIGN(std::unique_ptr<HttpResponse> response, http_.Send(request));
  std::string where = "token of " + request.url.Display();
  if (response->status != 200) {
    std::string text = where + ": " + std::to_string(response->status);
    if (response->status >= 500 || response->status == 429) return Unavailable(text);
    return Refused(text + (credential_.empty() ? ", no credentials were given"
                                               : ", the credentials were refused"));
  }
  TRY_ASSIGN(std::string body, ReadToEnd(*response, kTokenLimit));
  auto token = ParseToken(body);
  if (!token) return Error(std::move(token).Wrap(where).error().Clone());
  return token;
}

Result<> Authorizer::Respond(const HttpResponse& refusal, const std::string& used,
                             const std::vector<std::string>& scopes, const CancelToken& cancel) {
  if (Header() != used) return Ok();  // another thread was first
  const AuthChallenge* basic = nullptr;
  const AuthChallenge* bearer = nullptr;
  std::vector<AuthChallenge> challenges;
  for (const auto& [name, value] : refusal.headers) {
    if (name != "www-authenticate") continue;
    for (AuthChallenge& one : ParseChallenges(value)) challenges.push_back(std::move(one));
  }
  for (const AuthChallenge& challenge : challenges) {
    if (challenge.scheme == "basic") basic = &challenge;
    if (challenge.scheme == "bearer" && challenge.parameters.contains("realm")) {
      bearer = &challenge;
    }
  }
  std::string next;
  if (bearer != nullptr && credential_.registry_token.empty()) {
    TRY_ASSIGN(Secret token, FetchToken(*bearer, scopes, cancel));
    next = "Bearer " + token.Reveal();
  } else if (basic != nullptr && !credential_.username.empty()) {
    next = BasicHeader();
  } else {
    return Refused(credential_.empty() ? "authentication required, no credentials were given"
                                       : "the credentials were refused");
  }
  if (next == used) return Refused("the credentials were refused");
  MutexLock lock(mutex_);
  header_ = Secret(std::move(next));
  return Ok();
}

}  // namespace onggi
