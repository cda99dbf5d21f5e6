// RegistryClient: one repository at one endpoint: authentication, redirects, retries. What comes
// back is the registry's answer, whatever its status.
//
// Redirects are followed by hand, for GET and HEAD only: never from https to http, and to another
// origin without credentials, client certificate, the endpoint's headers or its skip_verify.
// 429 and 5xx are asked again with backoff, honouring Retry-After; so are broken connections, but
// not those that nobody answers.
//
// Thread-safety: any thread. Ownership: HttpClient must outlive it. Blocks on the network.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "image/registry/authorizer.h"
#include "image/registry/endpoint.h"
#include "image/registry/http.h"

namespace onggi {

struct RetryOptions {
  int attempts = 5;
  std::chrono::milliseconds first_delay{200};  // doubled each time
  std::chrono::milliseconds longest_delay{10'000};
  std::chrono::milliseconds longest_retry_after{60'000};
};

struct RegistryCall {
  std::string method = "GET";
  std::string path;          // below the endpoint: "/library/x/manifests/1"
  const Url* url = nullptr;  // in place of path: an upload session, as the registry named it
  HeaderList headers;
  std::string body;
  ByteSource* upload = nullptr;  // read once: such a call is not tried twice after it was begun
  uint64_t upload_bytes = 0;
};

class RegistryClient {
 public:
  // SCOPES: what tokens are asked for.
  RegistryClient(HttpClient& http, Endpoint endpoint, Credential credential,
                 std::vector<std::string> scopes);

  const Endpoint& endpoint() const { return endpoint_; }
  std::string credential_text() const;
  void set_retry(const RetryOptions& retry) { retry_ = retry; }

  // Errors: those of HttpClient::Send; Unauthenticated when the registry lets nobody in like this.
  Result<std::unique_ptr<HttpResponse>> Send(const RegistryCall& call, const CancelToken& cancel);

 private:
  Result<std::unique_ptr<HttpResponse>> SendAuthorized(const RegistryCall& call, const Url& url,
                                                       const CancelToken& cancel);
  Result<std::unique_ptr<HttpResponse>> Follow(std::unique_ptr<HttpResponse> answer,
                                               const RegistryCall& call, Url at,
                                               const CancelToken& cancel);
  Result<Url> UrlOf(const RegistryCall& call) const;

  HttpClient& http_;
  const Endpoint endpoint_;
  const Credential credential_;
  const std::vector<std::string> scopes_;
  RetryOptions retry_;
  Authorizer authorizer_;
};

// The failure that a status of 400 and more is, with the registry's own words (at most 64 KiB are
// read): 401 Unauthenticated, 403 PermissionDenied, 404 NotFound, 429 and 5xx Unavailable.
Error ErrorOfAnswer(HttpResponse& answer);

// Sleeps, in slices, until DELAY passed or CANCEL.
Result<> SleepFor(std::chrono::milliseconds delay, const CancelToken& cancel);

}  // namespace onggi
