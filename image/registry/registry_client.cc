#include "image/registry/registry_client.h"

#include <algorithm>
#include <random>
#include <thread>

#include "base/json.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr int kMaxRedirects = 6;
constexpr int kMaxChallenges = 2;
constexpr size_t kErrorBodyLimit = 64 << 10;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}
bool IsTransient(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

// "MANIFEST_UNKNOWN: manifest unknown" from the distribution API's error document.
std::string ErrorText(std::string_view body) {
  auto json = ParseJson(body, {.bytes = kErrorBodyLimit, .depth = 16});
  if (json && json->is_object()) {
    auto errors = JsonArray(*json, "errors");
    if (errors && !errors->empty()) {
      std::string code = JsonString(errors->front(), "code").value_or("");
      std::string message = JsonString(errors->front(), "message").value_or("");
      if (!code.empty() || !message.empty()) return Quote(code + ": " + message);
    }
  }
  constexpr size_t kShown = 120;
  std::string_view line = Trim(body.substr(0, body.find('\n')));
  return line.empty() || line.starts_with('<') ? "" : Quote(line.substr(0, kShown));
}

std::chrono::milliseconds BackoffOf(const RetryOptions& retry, int attempt) {
  auto delay = retry.first_delay * (1 << std::min(attempt, 16));
  delay = std::min<std::chrono::milliseconds>(delay, retry.longest_delay);
  // Spread, so that a fleet of nodes does not come back in step.
  thread_local std::minstd_rand random(std::random_device{}());
  return delay / 2 + delay * static_cast<int>(random() % 100) / 200;
}

std::chrono::milliseconds DelayOf(const RetryOptions& retry, int attempt,
                                  const HttpResponse* answer) {
  if (answer != nullptr) {
    if (auto seconds = ParseUint(answer->Header("retry-after"))) {
      auto longest = static_cast<uint64_t>(retry.longest_retry_after.count());
      return std::chrono::milliseconds(std::min(*seconds, longest / 1000) * 1000);
    }
  }
  return BackoffOf(retry, attempt);
}

}  // namespace

Result<> SleepFor(std::chrono::milliseconds delay, const CancelToken& cancel) {
  auto end = std::chrono::steady_clock::now() + delay;
  while (std::chrono::steady_clock::now() < end) {
    TRY(cancel.Check());
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    std::this_thread::sleep_for(
        std::clamp(left, std::chrono::milliseconds(1), std::chrono::milliseconds(50)));
  }
  return Ok();
}

Error ErrorOfAnswer(HttpResponse& answer) {
  int status = answer.status;
  std::string body = ReadToEnd(answer, kErrorBodyLimit).value_or("");
  std::string text = std::to_string(status);
  if (std::string words = ErrorText(body); !words.empty()) text += " " + words;
  Code code = Code::kUnknown;
  if (status == 401) code = Code::kUnauthenticated;
  if (status == 403) code = Code::kPermissionDenied;
  if (status == 404) code = Code::kNotFound;
  if (status == 429 || status >= 500) code = Code::kUnavailable;
  return Error(code, text);
}

RegistryClient::RegistryClient(HttpClient& http, Endpoint endpoint, Credential credential,
                               std::vector<std::string> scopes)
    : http_(http),
      endpoint_(std::move(endpoint)),
      credential_(std::move(credential)),
      scopes_(std::move(scopes)),
      authorizer_(http, endpoint_, credential_) {}

std::string RegistryClient::credential_text() const {
  return credential_.Describe();
}

Result<Url> RegistryClient::UrlOf(const RegistryCall& call) const {
  Url url = endpoint_.base;
  if (call.url != nullptr) {
    url = *call.url;
  } else {
    size_t question = call.path.find('?');
    url.path += call.path.substr(0, question);
    if (question != std::string::npos) url.query = call.path.substr(question + 1);
  }
  // A mirror may serve several registries: it is told which one is meant.
  if (call.url == nullptr && !endpoint_.is_own && !endpoint_.domain.empty()) {
    if (!url.query.empty()) url.query += "&";
    url.query += "ns=" + UrlEscape(endpoint_.domain);
  }
  return url;
}

Result<std::unique_ptr<HttpResponse>> RegistryClient::Follow(std::unique_ptr<HttpResponse> answer,
                                                             const RegistryCall& call, Url at,
                                                             const CancelToken& cancel) {
  for (int i = 0; i < kMaxRedirects; ++i) {
    if (!IsRedirect(answer->status)) return answer;
    std::string from = at.Display();
    TRY_ASSIGN(Url next, at.Resolve(answer->Header("location")));
    if (at.https() && !next.https()) {
      return Unavailable(from + ": redirected from https to http, which is refused");
    }
    HttpRequest request{.method = call.method, .url = next, .headers = call.headers};
    if (next.SameOrigin(endpoint_.base)) {
      request.tls = endpoint_.tls;
      for (const auto& header : endpoint_.headers) request.headers.push_back(header);
      std::string authorization = authorizer_.Header();
      if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
    } else {
      request.tls.ca_files = endpoint_.tls.ca_files;
    }
    request.cancel = cancel;
    TRY_ASSIGN(answer, http_.Send(request));
    at = std::move(next);
  }
  return Unavailable(endpoint_.base.Display() + ": too many redirects");
}

Result<std::unique_ptr<HttpResponse>> RegistryClient::SendAuthorized(const RegistryCall& call,
                                                                     const Url& url,
                                                                     const CancelToken& cancel) {
  for (int i = 0;; ++i) {
    HttpRequest request{.method = call.method, .url = url, .headers = call.headers};
    request.body = call.body;
    request.upload = call.upload;
    request.upload_bytes = call.upload_bytes;
    request.cancel = cancel;
    std::string authorization;
    if (url.SameOrigin(endpoint_.base)) {
      request.tls = endpoint_.tls;
      for (const auto& header : endpoint_.headers) request.headers.push_back(header);
      authorization = authorizer_.Header();
      if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
    } else {
      request.tls.ca_files = endpoint_.tls.ca_files;
    }
    TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, http_.Send(request));
    if (answer->status != 401 || i == kMaxChallenges || call.upload != nullptr) return answer;
    TRY(authorizer_.Respond(*answer, authorization, scopes_, cancel).Wrap(url.Origin()));
  }
}

Result<std::unique_ptr<HttpResponse>> RegistryClient::Send(const RegistryCall& call,
                                                           const CancelToken& cancel) {
  TRY_ASSIGN(Url url, UrlOf(call));
  bool may_redirect = call.method == "GET" || call.method == "HEAD";
  for (int attempt = 0;; ++attempt) {
    auto answer = SendAuthorized(call, url, cancel);
    if (answer && may_redirect) answer = Follow(*std::move(answer), call, url, cancel);
    bool broken = !answer && answer.error().code() == Code::kUnavailable &&
                  answer.error().sys_errno() != ECONNREFUSED;
    bool transient = answer && IsTransient((*answer)->status);
    bool last = attempt + 1 >= retry_.attempts || call.upload != nullptr;
    if ((!broken && !transient) || last) return answer;
    auto delay = DelayOf(retry_, attempt, answer ? answer->get() : nullptr);
    if (answer) answer->reset();  // its connection must not wait with us
    TRY(SleepFor(delay, cancel));
  }
}

}  // namespace onggi
