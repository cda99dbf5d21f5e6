// The verbs of LocalImages that ask a registry.
#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "image/local_images.h"
#include "image/push.h"
#include "image/registry/credential.h"
#include "image/registry/listing.h"
#include "image/registry/remote_repository.h"

namespace onggi {
namespace {

constexpr size_t kAllEntries = 100'000;

// Which other repositories of DOMAIN should have the layers of IMAGE: those whose names images here
// bear that share them.
std::map<std::string, std::string> MountSources(const Catalog& catalog, const Reference& target) {
  std::map<std::string, std::string> sources;
  for (const auto& [name, id] : catalog.names()) {
    auto reference = Reference::Parse(name);
    auto entry = catalog.images().find(id);
    if (!reference || entry == catalog.images().end()) continue;
    if (reference->domain() != target.domain() || reference->path() == target.path()) continue;
    for (const LayerRecord& layer : entry->second->record.layers) {
      sources.emplace(layer.digest, reference->path());
    }
  }
  return sources;
}

// The client of the host itself, for calls that are about the host and not an image.
Result<std::unique_ptr<RegistryClient>> HostClient(HttpClient& http, const RegistryHosts& hosts,
                                                   const std::string& domain,
                                                   const RegistryAuth* auth,
                                                   std::vector<std::string> scopes) {
  TRY_ASSIGN(std::vector<Endpoint> endpoints, hosts.EndpointsOf(domain));
  Endpoint own = std::move(endpoints.back());
  for (Endpoint& endpoint : endpoints) {
    if (endpoint.is_own) own = std::move(endpoint);
  }
  TRY_ASSIGN(Credential credential, CredentialFor(own, auth));
  return std::make_unique<RegistryClient>(http, std::move(own), std::move(credential),
                                          std::move(scopes));
}

}  // namespace

Result<std::string> LocalImages::Push(const PushOptions& options) {
  TRY_ASSIGN(Reference reference, Reference::Parse(options.reference));
  auto catalog = images_->catalog();
  TRY(catalog->FindName(options.reference));
  TRY_ASSIGN(ArchiveImage image, Export(options.reference));
  std::vector<std::string> targets{image.manifest_digest.text(), image.config_digest.text()};
  for (const ArchiveLayer& layer : image.layers) targets.push_back(layer.digest.text());
  auto pin = images_->PinTargets(std::move(targets));
  PullMeter meter(options.on_progress);
  PushJob job{.http = http_,
              .hosts = hosts_,
              .content = *content_,
              .reference = reference,
              .image = image,
              .auth = options.auth,
              .mount_from = {},
              .max_parallel = options_.max_parallel_layers};
  auto sources = MountSources(*catalog, reference);
  for (const ArchiveLayer& layer : image.layers) {
    auto found = sources.find(layer.digest.text());
    if (found != sources.end()) job.mount_from.insert(*found);
  }
  auto digest = PushImage(job, meter, options.cancel);
  if (!digest) {
    if (digest.error().code() == Code::kUnavailable) {
      return Error(Code::kUnknown, "RegistryUnavailable: push " + reference.Text() + ": " +
                                       digest.error().message());
    }
    return std::move(digest).Wrap("push " + reference.Text()).error().Clone();
  }
  // Known by this digest from now on, as after a pull.
  TRY_ASSIGN(Digest parsed, Digest::Parse(*digest));
  TRY(images_->Tag(catalog->names().at(reference.Text()), reference.WithDigest(parsed).Text()));
  return digest;
}

Result<std::vector<std::string>> LocalImages::RemoteTags(const std::string& repository,
                                                         const RegistryAuth* auth,
                                                         const CancelToken& cancel) {
  TRY_ASSIGN(Reference reference, Reference::ParseRepository(repository));
  TRY_ASSIGN(auto remote, RemoteRepository::Open(http_, hosts_, reference, auth));
  std::string path = "/" + reference.path() + "/tags/list?n=1000";
  std::optional<Error> failure;
  for (const auto& client : remote->clients()) {
    auto tags = FetchListing(*client, path, "tags", kAllEntries, cancel);
    if (tags) return tags;
    failure = std::move(tags).Wrap(client->endpoint().base.Origin()).error().Clone();
  }
  return AsPullError(std::move(*failure), reference);
}

Result<std::vector<SearchHit>> LocalImages::Search(const SearchOptions& options) {
  size_t slash = options.term.find('/');
  std::string first = options.term.substr(0, slash);
  bool has_host = first == "localhost" || first.find_first_of(".:") != std::string::npos;
  int limit = std::clamp(options.limit, 1, 100);
  if (!has_host || first == "docker.io") {
    TRY_ASSIGN(std::vector<Endpoint> endpoints, hosts_.EndpointsOf("index.docker.io"));
    std::string term =
        has_host && slash != std::string::npos ? options.term.substr(slash + 1) : options.term;
    auto hits = SearchIndex(http_, endpoints.front(), term, limit, options.cancel);
    if (!hits) return std::move(hits).Wrap("search " + Quote(term)).error().Clone();
    return hits;
  }
  std::string term = slash == std::string::npos ? "" : options.term.substr(slash + 1);
  TRY_ASSIGN(auto client, HostClient(http_, hosts_, first, options.auth, {"registry:catalog:*"}));
  auto names =
      FetchListing(*client, "/_catalog?n=1000", "repositories", kAllEntries, options.cancel);
  if (!names) return std::move(names).Wrap("search " + first).error().Clone();
  std::vector<SearchHit> hits;
  for (const std::string& name : *names) {
    if (hits.size() == static_cast<size_t>(limit)) break;
    if (name.find(term) != std::string::npos) hits.push_back({.name = first + "/" + name});
  }
  return hits;
}

Result<std::string> LocalImages::Login(const std::string& host, const RegistryAuth& auth) {
  std::string domain = host.empty() || host == "index.docker.io" ? "docker.io" : host;
  TRY(Reference::ParseRepository(domain + "/x").Wrap("registry " + Quote(host)));
  TRY_ASSIGN(auto client, HostClient(http_, hosts_, domain, &auth, {}));
  auto answer = client->Send({.path = "/"}, CancelToken());
  std::string name = "login to " + domain;
  if (!answer) return std::move(answer).Wrap(name).error().Clone();
  if ((*answer)->status != 200) return ErrorOfAnswer(**answer).Wrap(name).Clone();
  return "login to " + domain + " succeeded (" + client->credential_text() + ")";
}

Result<std::vector<ExplainStep>> LocalImages::Explain(const std::string& text,
                                                      const RegistryAuth* auth) {
  TRY_ASSIGN(Reference reference, Reference::Parse(text));
  TRY_ASSIGN(auto remote, RemoteRepository::Open(http_, hosts_, reference, auth));
  std::vector<ExplainStep> steps;
  for (const auto& client : remote->clients()) {
    client->set_retry({.attempts = 1});
    const Endpoint& endpoint = client->endpoint();
    ExplainStep step{.endpoint = endpoint.base.Text(), .source = endpoint.source};
    std::string credential = client->credential_text();
    step.credentials = credential == "none" ? credential : "request (" + credential + ")";
    if (credential == "none" && !endpoint.headers.empty()) step.credentials = "hosts.toml headers";
    auto found = remote->FetchFrom(*client, reference.Selector(), CancelToken());
    step.answer = found ? "found " + found->digest.text() + " (" + found->media_type + ")"
                        : found.error().message();
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace onggi
