// HttpClient: the one place that makes HTTP requests (libcurl). HttpResponse: an answer whose body
// is read as it comes, on the reader's own thread, with a bounded buffer.
//
// No redirects, no retries, no credentials of its own: those are the registry client's. Proxies are
// taken from the environment (https_proxy, http_proxy, no_proxy; never for loopback). HTTP/1.1.
//
// Thread-safety: HttpClient from any thread; an HttpResponse belongs to one thread at a time.
// Ownership: HttpClient must outlive its responses. Blocks on the network.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/mutex.h"
#include "base/result.h"
#include "image/content/byte_source.h"
#include "image/registry/url.h"

using CURLM = void;

namespace onggi {

struct TlsSettings {
  bool skip_verify = false;
  std::vector<std::string> ca_files;  // trusted beside the system's
  std::string client_certificate;     // PEM files; both or none
  std::string client_key;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  Url url;
  HeaderList headers;
  TlsSettings tls;
  std::string body;
  ByteSource* upload = nullptr;  // in place of body: exactly upload_bytes are taken from it
  uint64_t upload_bytes = 0;
  CancelToken cancel;
};

class HttpResponse : public ByteSource {
 public:
  int status = 0;
  HeaderList headers;  // names in lower case, in order

  // The first header of that name (lower case), "" when there is none.
  std::string Header(std::string_view name) const;
  std::optional<uint64_t> ContentLength() const;
};

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{30'000};
  std::chrono::milliseconds no_progress_timeout{60'000};
  std::string user_agent = "onggi/0.1";
};

class HttpClient {
 public:
  explicit HttpClient(HttpOptions options) : options_(std::move(options)) {}
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Returns when the headers of the final answer are here, whatever its status. Errors of this and
  // of Read():
  //   Unavailable         no connection (sys_errno ECONNREFUSED when nobody answered there), or it
  //                       broke, or no byte came for no_progress_timeout
  //   FailedPrecondition  TLS: the certificate is not trusted, or the other side speaks no TLS
  //   Cancelled           request.cancel
  Result<std::unique_ptr<HttpResponse>> Send(const HttpRequest& request);

 private:
  class Exchange;
  // A connection cache of libcurl; one user at a time.
  CURLM* TakeMulti();
  void ReturnMulti(CURLM* multi);

  const HttpOptions options_;
  Mutex mutex_;
  std::vector<CURLM*> idle_ GUARDED_BY(mutex_);
};

}  // namespace onggi
