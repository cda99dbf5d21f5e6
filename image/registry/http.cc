#include "image/registry/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>

#include "base/clock.h"
#include "base/file_io.h"
#include "base/strings.h"

namespace onggi {
namespace {

constexpr size_t kMaxIdle = 16;
constexpr long kReceiveBytes = 256 << 10;  // what libcurl reads at once; bounds the buffer too
constexpr size_t kMaxHeaderBytes = 256 << 10;
constexpr int kPollMs = 100;  // how late a cancellation may be noticed

void InitCurl() {
  static const CURLcode kDone = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(kDone == CURLE_OK);
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host.starts_with("127.") || host == "[::1]";
}

// libcurl ignores HTTP_PROXY in capitals, which CGI programs can't trust; a daemon can, and other
// engines do.
const char* ProxyFromEnvironment(const Url& url) {
  if (IsLoopback(url.host)) return "";
  if (!url.https() && getenv("http_proxy") == nullptr) return getenv("HTTP_PROXY");
  return nullptr;
}

const char* WayOutOfTls(CURLcode code, const char* detail) {
  if (code == CURLE_SSL_CONNECT_ERROR && strstr(detail, "wrong version number") != nullptr) {
    return ": it speaks no TLS; if plain http is right there, name it as http:// endpoint of this "
           "host in registry.mirrors";
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    return ": trust its authority by a ca in certs.d, or set skip_verify for this endpoint";
  }
  return "";
}

bool IsTlsFailure(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
      return true;
    default:
      return false;
  }
}

bool IsNobodyThere(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
         code == CURLE_COULDNT_RESOLVE_PROXY;
}

}  // namespace

std::string HttpResponse::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

std::optional<uint64_t> HttpResponse::ContentLength() const {
  return ParseUint(Header("content-length"));
}

// One request and its answer: an easy handle on a multi handle that nobody else uses meanwhile.
class HttpClient::Exchange : public HttpResponse {
 public:
  Exchange(HttpClient& client, const HttpRequest& request)
      : client_(client),
        where_(request.method + " " + request.url.Display()),
        cancel_(request.cancel),
        body_(request.body),
        upload_(request.upload) {}
  ~Exchange() override {
    if (easy_ != nullptr) {
      if (multi_ != nullptr) curl_multi_remove_handle(multi_, easy_);
      curl_easy_cleanup(easy_);
    }
    curl_slist_free_all(header_lines_);
    if (multi_ != nullptr) client_.ReturnMulti(multi_);
  }

  Result<> Start(const HttpRequest& request);
  Result<size_t> Read(std::span<char> buffer) override;

 private:
  Result<> SetUp(const HttpRequest& request);
  void SetUpBody(const HttpRequest& request);
  Result<> SetUpTls(const TlsSettings& tls);
  // Lets libcurl work until READY is set by a callback, or the exchange ended.
  Result<> Drive(const bool& ready);
  Result<> Finished();
  Error Failure(CURLcode code);

  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self);
  static size_t OnBody(char* bytes, size_t size, size_t count, void* self);
  static size_t OnUpload(char* bytes, size_t size, size_t count, void* self);

  HttpClient& client_;
  const std::string where_;
  const CancelToken cancel_;
  const std::string body_;
  ByteSource* const upload_;
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
  curl_slist* header_lines_ = nullptr;
  char detail_[CURL_ERROR_SIZE] = "";
  std::optional<Error> upload_error_;

  size_t header_bytes_ = 0;
  bool have_head_ = false;
  bool ended_ = false;
  bool paused_ = false;
  bool have_bytes_ = false;
  int64_t progress_at_ = 0;
  std::span<char> target_;  // where the reader wants bytes now
  size_t filled_ = 0;       // of target_
  std::string overflow_;    // what came and did not fit
  size_t overflow_at_ = 0;
};

size_t HttpClient::Exchange::OnHeader(char* bytes, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  std::string_view line(bytes, size * count);
  exchange.progress_at_ = MonotonicNanos();
  exchange.header_bytes_ += line.size();
  if (exchange.header_bytes_ > kMaxHeaderBytes) return 0;
  if (line.starts_with("HTTP/")) {
    exchange.headers.clear();  // those of an interim answer
    return line.size();
  }
  line = Trim(line);
  if (line.empty()) {
    long status = 0;
    curl_easy_getinfo(exchange.easy_, CURLINFO_RESPONSE_CODE, &status);
    exchange.status = static_cast<int>(status);
    exchange.have_head_ = status >= 200;
    return size * count;
  }
  size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.headers.emplace_back(ToLower(line.substr(0, colon)),
                                  std::string(Trim(line.substr(colon + 1))));
  }
  return size * count;
}

size_t HttpClient::Exchange::OnBody(char* bytes, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  std::string_view data(bytes, size * count);
  // Only one surplus at a time is kept: libcurl holds this one until the reader comes back.
  if (!exchange.overflow_.empty()) {
    exchange.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  exchange.progress_at_ = MonotonicNanos();
  exchange.have_bytes_ = true;
  size_t fits = std::min(data.size(), exchange.target_.size() - exchange.filled_);
  if (fits > 0) memcpy(exchange.target_.data() + exchange.filled_, data.data(), fits);
  exchange.filled_ += fits;
  exchange.overflow_.assign(data.substr(fits));
  exchange.overflow_at_ = 0;
  return data.size();
}

size_t HttpClient::Exchange::OnUpload(char* bytes, size_t size, size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.progress_at_ = MonotonicNanos();
  auto got = exchange.upload_->Read({bytes, size * count});
  if (!got) {
    exchange.upload_error_ = std::move(got).error();
    return CURL_READFUNC_ABORT;
  }
  return *got;
}

Result<> HttpClient::Exchange::SetUpTls(const TlsSettings& tls) {
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, tls.skip_verify ? 0L : 1L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, tls.skip_verify ? 0L : 2L);
  if (!tls.ca_files.empty()) {
    std::string pem;
    for (const std::string& file : tls.ca_files) {
      TRY_ASSIGN(std::string text, ReadFile(file, 4 << 20));
      pem += text + "\n";
    }
    // Beside it the system's directory of authorities (CURLOPT_CAPATH's default) stays in force.
    curl_blob blob{.data = pem.data(), .len = pem.size(), .flags = CURL_BLOB_COPY};
    curl_easy_setopt(easy_, CURLOPT_CAINFO_BLOB, &blob);
  }
  if (!tls.client_certificate.empty()) {
    curl_easy_setopt(easy_, CURLOPT_SSLCERT, tls.client_certificate.c_str());
    curl_easy_setopt(easy_, CURLOPT_SSLKEY, tls.client_key.c_str());
  }
  return Ok();
}

void HttpClient::Exchange::SetUpBody(const HttpRequest& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    return;
  }
  if (upload_ != nullptr) {
    curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy_, CURLOPT_READFUNCTION, OnUpload);
    curl_easy_setopt(easy_, CURLOPT_READDATA, this);
    curl_easy_setopt(easy_, CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(request.upload_bytes));
  } else if (request.method != "GET") {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body_.data());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Result<> HttpClient::Exchange::SetUp(const HttpRequest& request) {
  easy_ = curl_easy_init();
  CHECK(easy_ != nullptr);
  curl_easy_setopt(easy_, CURLOPT_URL, request.url.Text().c_str());
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, kReceiveBytes);
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, client_.options_.user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, detail_);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(client_.options_.connect_timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  if (const char* proxy = ProxyFromEnvironment(request.url); proxy != nullptr) {
    curl_easy_setopt(easy_, CURLOPT_PROXY, proxy);
  }
  // "Expect: 100-continue" costs a round trip or a second with servers that ignore it.
  header_lines_ = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    if ((name + value).find_first_of("\r\n") != std::string::npos) {
      return InvalidArgument("line break in HTTP header " + Quote(name));
    }
    header_lines_ = curl_slist_append(header_lines_, (name + ": " + value).c_str());
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_lines_);
  SetUpBody(request);
  return SetUpTls(request.tls);
}

Error HttpClient::Exchange::Failure(CURLcode code) {
  if (upload_error_) return std::move(*upload_error_);
  std::string reason = detail_[0] != 0 ? detail_ : curl_easy_strerror(code);
  Code kind = IsTlsFailure(code) ? Code::kFailedPrecondition : Code::kUnavailable;
  return Error(kind, where_ + ": " + reason + WayOutOfTls(code, detail_),
               IsNobodyThere(code) ? ECONNREFUSED : 0);
}

Result<> HttpClient::Exchange::Finished() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    ended_ = true;
    if (message->data.result != CURLE_OK) return Failure(message->data.result);
  }
  return Ok();
}

Result<> HttpClient::Exchange::Drive(const bool& ready) {
  progress_at_ = MonotonicNanos();  // time that the reader spent elsewhere does not count
  const int64_t patience = Nanos(client_.options_.no_progress_timeout).count();
  while (!ready && !ended_) {
    if (cancel_.cancelled()) return Cancelled(where_ + ": cancelled");
    int running = 0;
    if (curl_multi_perform(multi_, &running) != CURLM_OK) return Internal(where_ + ": libcurl");
    TRY(Finished());
    if (ready || ended_) break;
    if (MonotonicNanos() - progress_at_ > patience) {
      return Unavailable(where_ + ": no byte came for " + std::to_string(patience / 1'000'000'000) +
                         " s");
    }
    (void)curl_multi_poll(multi_, nullptr, 0, kPollMs, nullptr);  // the loop looks at the outcome
  }
  return Ok();
}

Result<> HttpClient::Exchange::Start(const HttpRequest& request) {
  multi_ = client_.TakeMulti();
  TRY(SetUp(request));
  CHECK(curl_multi_add_handle(multi_, easy_) == CURLM_OK);
  TRY(Drive(have_head_));
  if (!have_head_) return Unavailable(where_ + ": empty answer");
  return Ok();
}

Result<size_t> HttpClient::Exchange::Read(std::span<char> buffer) {
  if (overflow_at_ < overflow_.size()) {
    size_t count = std::min(buffer.size(), overflow_.size() - overflow_at_);
    memcpy(buffer.data(), overflow_.data() + overflow_at_, count);
    overflow_at_ += count;
    if (overflow_at_ == overflow_.size()) overflow_.clear();
    return count;
  }
  if (ended_) return size_t{0};
  target_ = buffer;
  filled_ = 0;
  have_bytes_ = false;
  if (paused_) {
    paused_ = false;
    CURLcode code = curl_easy_pause(easy_, CURLPAUSE_CONT);  // may call OnBody at once
    if (code != CURLE_OK) return Failure(code);
  }
  auto driven = Drive(have_bytes_);
  target_ = {};
  size_t got = std::exchange(filled_, 0);
  if (got > 0) return got;  // an error beside bytes comes back with the next call
  TRY(std::move(driven));
  return size_t{0};
}

HttpClient::~HttpClient() {
  for (CURLM* multi : idle_) curl_multi_cleanup(multi);
}

CURLM* HttpClient::TakeMulti() {
  InitCurl();
  {
    MutexLock lock(mutex_);
    if (!idle_.empty()) {
      CURLM* multi = idle_.back();
      idle_.pop_back();
      return multi;
    }
  }
  CURLM* multi = curl_multi_init();
  CHECK(multi != nullptr);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 4L);
  return multi;
}

void HttpClient::ReturnMulti(CURLM* multi) {
  {
    MutexLock lock(mutex_);
    if (idle_.size() < kMaxIdle) {
      idle_.push_back(multi);
      return;
    }
  }
  curl_multi_cleanup(multi);
}

Result<std::unique_ptr<HttpResponse>> HttpClient::Send(const HttpRequest& request) {
  auto exchange = std::make_unique<Exchange>(*this, request);
  TRY(exchange->Start(request));
  return std::unique_ptr<HttpResponse>(std::move(exchange));
}

}  // namespace onggi
