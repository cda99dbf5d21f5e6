#include "image/registry/remote_repository.h"

#include <algorithm>
#include <optional>

#include "base/strings.h"

namespace onggi {
namespace {

std::string AcceptedTypes() {
  return Join({std::string(media_type::kOciIndex), std::string(media_type::kDockerList),
               std::string(media_type::kOciManifest), std::string(media_type::kDockerManifest),
               "*/*;q=0.1"},
              ", ");
}

// Which of several failures to tell: what somebody said about the image goes before what nobody
// could say.
int Weight(Code code) {
  switch (code) {
    case Code::kDataLoss:
      return 5;
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return 4;
    case Code::kNotFound:
      return 3;
    case Code::kUnavailable:
      return 1;
    default:
      return 2;
  }
}

// One error that lists every endpoint and its answer.
Error Summary(const std::string& what, std::vector<std::pair<std::string, Error>> failures) {
  auto worst = std::max_element(failures.begin(), failures.end(), [](auto& a, auto& b) {
    return Weight(a.second.code()) < Weight(b.second.code());
  });
  Code code = worst->second.code();
  std::vector<std::string> tried;
  for (auto& [endpoint, error] : failures) tried.push_back(endpoint + " (" + error.message() + ")");
  std::string head = code == Code::kNotFound ? what + ": not found; tried " : what + ": tried ";
  return Error(code, head + Join(tried, ", "));
}

}  // namespace

Result<std::unique_ptr<RemoteRepository>> RemoteRepository::Open(HttpClient& http,
                                                                 const RegistryHosts& hosts,
                                                                 const Reference& reference,
                                                                 const RegistryAuth* auth,
                                                                 const std::string& actions) {
  TRY_ASSIGN(std::vector<Endpoint> endpoints, hosts.EndpointsOf(reference.domain()));
  std::unique_ptr<RemoteRepository> remote(new RemoteRepository(reference));
  const bool push = actions.find("push") != std::string::npos;
  std::vector<std::string> scopes{"repository:" + reference.path() + ":" + actions};
  for (Endpoint& endpoint : endpoints) {
    if (push ? !endpoint.can_push : !(endpoint.can_pull || endpoint.can_resolve)) continue;
    TRY_ASSIGN(Credential credential, CredentialFor(endpoint, auth));
    remote->clients_.push_back(
        std::make_shared<RegistryClient>(http, std::move(endpoint), std::move(credential), scopes));
  }
  if (remote->clients_.empty()) {
    return FailedPrecondition("no endpoint of " + reference.domain() + " may be used to " +
                              (push ? "push" : "pull"));
  }
  return remote;
}

Result<RemoteManifest> RemoteRepository::FetchFrom(RegistryClient& client,
                                                   const std::string& selector,
                                                   const CancelToken& cancel) const {
  RegistryCall call;
  call.path = "/" + reference_.path() + "/manifests/" + selector;
  call.headers.emplace_back("Accept", AcceptedTypes());
  TRY_ASSIGN(std::unique_ptr<HttpResponse> answer, client.Send(call, cancel));
  if (answer->status != 200) return ErrorOfAnswer(*answer);
  RemoteManifest manifest;
  std::string type = answer->Header("content-type");
  manifest.media_type = Trim(std::string_view(type).substr(0, type.find(';')));
  auto bytes = ReadToEnd(*answer, kManifestLimit);
  if (!bytes) return std::move(bytes).Wrap("manifest").error().Clone();
  manifest.bytes = *std::move(bytes);
  manifest.digest = Digest::Of(manifest.bytes);
  std::string expected =
      selector.starts_with("sha256:") ? selector : answer->Header("docker-content-digest");
  if (expected.starts_with("sha256:") && expected != manifest.digest.text()) {
    return Error(Code::kDataLoss,
                 "manifest: expected " + Quote(expected) + ", got " + manifest.digest.text());
  }
  return manifest;
}

Result<RemoteManifest> RemoteRepository::FetchManifest(const std::string& selector,
                                                       const CancelToken& cancel) {
  std::vector<std::pair<std::string, Error>> failures;
  for (size_t i = 0; i < clients_.size(); ++i) {
    const Endpoint& endpoint = clients_[i]->endpoint();
    if (!endpoint.can_resolve && !selector.starts_with("sha256:")) continue;
    // The last endpoint is worth waiting for; before it the next one is the better second try.
    RetryOptions retry;
    if (i + 1 < clients_.size()) retry.attempts = 2;
    clients_[i]->set_retry(retry);
    auto manifest = FetchFrom(*clients_[i], selector, cancel);
    clients_[i]->set_retry({});
    if (manifest) {
      std::rotate(clients_.begin(), clients_.begin() + static_cast<ptrdiff_t>(i),
                  clients_.begin() + static_cast<ptrdiff_t>(i) + 1);
      return manifest;
    }
    if (manifest.error().code() == Code::kCancelled) return manifest;
    failures.emplace_back(endpoint.base.Text(), std::move(manifest).error());
  }
  std::string what = selector.starts_with("sha256:") ? reference_.Repository() + "@" + selector
                                                     : reference_.Repository() + ":" + selector;
  if (failures.empty()) return FailedPrecondition(what + ": no endpoint may resolve tags");
  return Summary(what, std::move(failures));
}

Result<RemoteManifest> RemoteRepository::FetchManifest(const Descriptor& descriptor,
                                                       const CancelToken& cancel) {
  TRY_ASSIGN(RemoteManifest manifest, FetchManifest(descriptor.digest.text(), cancel));
  if (manifest.bytes.size() != descriptor.size) {
    return Error(Code::kDataLoss, "manifest " + descriptor.digest.text() + ": expected " +
                                      std::to_string(descriptor.size) + " bytes, got " +
                                      std::to_string(manifest.bytes.size()));
  }
  if (!descriptor.media_type.empty()) manifest.media_type = descriptor.media_type;
  return manifest;
}

std::unique_ptr<BlobSource> RemoteRepository::OpenBlob(const Descriptor& blob, uint64_t offset,
                                                       const CancelToken& cancel) const {
  std::vector<std::shared_ptr<RegistryClient>> pulling;
  for (const auto& client : clients_) {
    if (client->endpoint().can_pull) pulling.push_back(client);
  }
  if (pulling.empty()) pulling = clients_;
  return std::make_unique<BlobSource>(
      std::move(pulling),
      BlobRequest{
          .repository = reference_.path(), .blob = blob, .offset = offset, .cancel = cancel});
}

Result<std::string> RemoteRepository::FetchBlob(const Descriptor& blob, size_t limit,
                                                const CancelToken& cancel) {
  if (blob.size > limit) {
    return InvalidArgument("blob " + blob.digest.text() + ": " + std::to_string(blob.size) +
                           " bytes, at most " + std::to_string(limit) + " are read");
  }
  auto source = OpenBlob(blob, 0, cancel);
  TRY_ASSIGN(std::string bytes, ReadToEnd(*source, limit));
  Digest got = Digest::Of(bytes);
  if (got != blob.digest) {
    return Error(Code::kDataLoss, "blob: expected " + blob.digest.text() + ", got " + got.text());
  }
  return bytes;
}

}  // namespace onggi
