// Lists that a registry gives in pages: tags of a repository, repositories of a host, and Docker
// Hub's search.
//
// Thread-safety: any thread. Blocks on the network.
#pragma once

#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "image/image_verbs.h"
#include "image/registry/registry_client.h"

namespace onggi {

// PATH: "/library/x/tags/list" with KEY "tags", or "/_catalog" with "repositories". Follows Link
// headers of the same origin, at most 1,000 pages; stops early when ENOUGH entries are there.
Result<std::vector<std::string>> FetchListing(RegistryClient& client, const std::string& path,
                                              const std::string& key, size_t enough,
                                              const CancelToken& cancel);

// The search API of Docker Hub's index (GET /v1/search).
Result<std::vector<SearchHit>> SearchIndex(HttpClient& http, const Endpoint& endpoint,
                                           const std::string& term, int limit,
                                           const CancelToken& cancel);

}  // namespace onggi
