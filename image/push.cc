#include "image/push.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "image/registry/remote_repository.h"

namespace onggi {
namespace {

constexpr int kAttempts = 3;

// SIZE bytes of a file from OFFSET.
class FilePart : public ByteSource {
 public:
  FilePart(int fd, uint64_t offset, uint64_t size) : fd_(fd), at_(offset), left_(size) {}
  Result<size_t> Read(std::span<char> buffer) override {
    size_t want = static_cast<size_t>(std::min<uint64_t>(buffer.size(), left_));
    if (want == 0) return size_t{0};
    ssize_t got = pread(fd_, buffer.data(), want, static_cast<off_t>(at_));
    if (got < 0) return SysError("pread(blob)");
    at_ += static_cast<uint64_t>(got);
    left_ -= static_cast<uint64_t>(got);
    return static_cast<size_t>(got);
  }

 private:
  int fd_;
  uint64_t at_;
  uint64_t left_;
};

class Pusher {
 public:
  Pusher(const PushJob& job, RegistryClient& client, PullMeter& meter)
      : job_(job), client_(client), meter_(meter), path_("/" + job.reference.path()) {}

  Result<> PushBlob(const Digest& digest, const CancelToken& cancel) {
    TRY_ASSIGN(BlobInfo info, job_.content.Stat(digest));
    TRY_ASSIGN(bool there, Exists(digest, cancel));
    if (!there) {
      auto sent = Upload(info, cancel);
      for (int i = 1; !sent && sent.error().code() == Code::kUnavailable && i < kAttempts; ++i) {
        TRY(SleepFor(std::chrono::milliseconds(300) * i, cancel));
        sent = Upload(info, cancel);
      }
      TRY(std::move(sent));
    } else {
      meter_.AddBytes(info.size);
    }
    meter_.AddLayer();
    return Ok();
  }

  Result<> PushManifest(const CancelToken& cancel) {
    RegistryCall call{.method = "PUT",
                      .path = path_ + "/manifests/" + job_.reference.Selector(),
                      .headers = {{"Content-Type", job_.image.manifest_media_type}},
                      .body = job_.image.manifest};
    TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, client_.Send(call, cancel));
    if (answer->status != 201 && answer->status != 200) return ErrorOfAnswer(*answer);
    std::string got = answer->Header("docker-content-digest");
    if (!got.empty() && got != job_.image.manifest_digest.text()) {
      return Error(Code::kDataLoss, "manifest: expected " + job_.image.manifest_digest.text() +
                                        ", the registry stored " + got.substr(0, 80));
    }
    return Ok();
  }

 private:
  Result<bool> Exists(const Digest& digest, const CancelToken& cancel) {
    RegistryCall call{.method = "HEAD", .path = path_ + "/blobs/" + digest.text()};
    TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, client_.Send(call, cancel));
    if (answer->status == 200) return true;
    if (answer->status == 404) return false;
    return ErrorOfAnswer(*answer);
  }

  // Where an upload goes on, as the last answer named it.
  Result<Url> SessionOf(const HttpResponse& answer) const {
    TRY_ASSIGN(Url session, client_.endpoint().base.Resolve(answer.Header("location")));
    if (client_.endpoint().base.https() && !session.https()) {
      return Unavailable("the upload was sent from https to http, which is refused");
    }
    return session;
  }

  Result<> Upload(const BlobInfo& blob, const CancelToken& cancel) {
    RegistryCall begin{.method = "POST", .path = path_ + "/blobs/uploads/"};
    auto from = job_.mount_from.find(blob.digest.text());
    if (from != job_.mount_from.end()) {
      begin.path += "?mount=" + UrlEscape(blob.digest.text()) + "&from=" + UrlEscape(from->second);
    }
    TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, client_.Send(begin, cancel));
    if (answer->status == 201) {  // mounted
      meter_.AddBytes(blob.size);
      return Ok();
    }
    if (answer->status != 202) return ErrorOfAnswer(*answer);
    TRY_ASSIGN(Url session, SessionOf(*answer));
    TRY_ASSIGN(UniqueFd file, job_.content.Open(blob.digest));
    uint64_t sent = 0;
    while (blob.size - sent > job_.chunk_bytes) {
      TRY_ASSIGN(session, SendChunk(session, file.get(), sent, cancel));
      sent += job_.chunk_bytes;
    }
    return Finish(session, file.get(), blob, sent, cancel);
  }

  Result<Url> SendChunk(const Url& session, int fd, uint64_t offset, const CancelToken& cancel) {
    FilePart part(fd, offset, job_.chunk_bytes);
    MeteredSource metered(part, meter_);
    RegistryCall call{
        .method = "PATCH",
        .url = &session,
        .headers = {{"Content-Type", "application/octet-stream"},
                    {"Content-Range",
                     std::to_string(offset) + "-" + std::to_string(offset + job_.chunk_bytes - 1)}},
        .upload = &metered,
        .upload_bytes = job_.chunk_bytes};
    TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, client_.Send(call, cancel));
    if (answer->status != 202) return ErrorOfAnswer(*answer);
    return SessionOf(*answer);
  }

  Result<> Finish(Url session, int fd, const BlobInfo& blob, uint64_t sent,
                  const CancelToken& cancel) {
    if (!session.query.empty()) session.query += "&";
    session.query += "digest=" + UrlEscape(blob.digest.text());
    FilePart part(fd, sent, blob.size - sent);
    MeteredSource metered(part, meter_);
    HeaderList headers{{"Content-Type", "application/octet-stream"}};
    if (sent > 0) {
      headers.emplace_back("Content-Range",
                           std::to_string(sent) + "-" + std::to_string(blob.size - 1));
    }
    RegistryCall call{.method = "PUT",
                      .url = &session,
                      .headers = std::move(headers),
                      .upload = &metered,
                      .upload_bytes = blob.size - sent};
    TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, client_.Send(call, cancel));
    if (answer->status != 201 && answer->status != 204) return ErrorOfAnswer(*answer);
    return Ok();
  }

  const PushJob& job_;
  RegistryClient& client_;
  PullMeter& meter_;
  const std::string path_;
};

Result<std::unique_ptr<RegistryClient>> OpenClient(const PushJob& job) {
  TRY_ASSIGN(std::vector<Endpoint> endpoints, job.hosts.EndpointsOf(job.reference.domain()));
  std::set<std::string> sources;
  for (const auto& [digest, repository] : job.mount_from) sources.insert(repository);
  std::vector<std::string> scopes{"repository:" + job.reference.path() + ":pull,push"};
  for (const std::string& source : sources) scopes.push_back("repository:" + source + ":pull");
  for (Endpoint& endpoint : endpoints) {
    if (!endpoint.can_push) continue;
    TRY_ASSIGN(Credential credential, CredentialFor(endpoint, job.auth));
    return std::make_unique<RegistryClient>(job.http, std::move(endpoint), std::move(credential),
                                            std::move(scopes));
  }
  return FailedPrecondition("no endpoint of " + job.reference.domain() + " may be pushed to");
}

Result<> PushBlobs(Pusher& pusher, const PushJob& job, const CancelToken& cancel) {
  std::vector<Digest> blobs;
  std::set<std::string> seen;
  for (const ArchiveLayer& layer : job.image.layers) {
    if (seen.insert(layer.digest.text()).second) blobs.push_back(layer.digest);
  }
  blobs.push_back(job.image.config_digest);
  std::atomic<size_t> next{0};
  Mutex mutex;
  std::optional<Error> failure;
  auto work = [&] {
    for (size_t i = next.fetch_add(1); i < blobs.size(); i = next.fetch_add(1)) {
      auto done = pusher.PushBlob(blobs[i], cancel).Wrap("blob " + blobs[i].text());
      if (done) continue;
      MutexLock lock(mutex);
      if (!failure) failure = std::move(done).error();
      next.store(blobs.size());
    }
  };
  std::vector<std::thread> threads;
  size_t count = std::min(blobs.size(), static_cast<size_t>(std::max(job.max_parallel, 1)));
  for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure) return std::move(*failure);
  return Ok();
}

}  // namespace

Result<std::string> PushImage(const PushJob& job, PullMeter& meter, const CancelToken& cancel) {
  TRY_ASSIGN(std::unique_ptr<RegistryClient> client, OpenClient(job));
  uint64_t total = job.image.config.size();
  for (const ArchiveLayer& layer : job.image.layers) total += layer.size;
  meter.Expect(total, static_cast<int>(job.image.layers.size()) + 1);
  meter.Stage("pushing");
  Pusher pusher(job, *client, meter);
  TRY(PushBlobs(pusher, job, cancel));
  TRY(pusher.PushManifest(cancel));
  meter.Stage("done");
  return job.image.manifest_digest.text();
}

}  // namespace onggi
