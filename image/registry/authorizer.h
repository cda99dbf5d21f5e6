// Authorizer: earns the right to speak to one endpoint: Basic, or a bearer token of the server that
// the registry names (Docker's token protocol: GET with Basic, or OAuth2 with an identity token).
//
// Secrets leave only in the Authorization header that Header() gives, for the endpoint's own
// origin, and to the token server, which has to be https unless the endpoint itself is written
// http.
//
// Thread-safety: any thread. Ownership: HttpClient must outlive it.
#pragma once

#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/mutex.h"
#include "base/result.h"
#include "image/registry/challenge.h"
#include "image/registry/credential.h"
#include "image/registry/endpoint.h"
#include "image/registry/http.h"

namespace onggi {

class Authorizer {
 public:
  Authorizer(HttpClient& http, const Endpoint& endpoint, Credential credential);

  // The value of the Authorization header; "" while nothing was asked for.
  std::string Header();

  // The endpoint answered REFUSAL (401) to a request that carried USED. Gets what it asks for;
  // afterwards Header() is worth a second try. Unauthenticated when nothing more can be done.
  // SCOPES: "repository:library/x:pull". Blocks on the network.
  Result<> Respond(const HttpResponse& refusal, const std::string& used,
                   const std::vector<std::string>& scopes, const CancelToken& cancel);

 private:
  Result<Secret> FetchToken(const AuthChallenge& challenge, const std::vector<std::string>& scopes,
                            const CancelToken& cancel);
  Result<HttpRequest> TokenRequest(const AuthChallenge& challenge,
                                   const std::vector<std::string>& scopes) const;
  std::string BasicHeader() const;

  HttpClient& http_;
  const Endpoint endpoint_;
  const Credential credential_;
  Mutex mutex_;
  Secret header_ GUARDED_BY(mutex_);
};

}  // namespace onggi
